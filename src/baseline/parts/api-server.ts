import type { ApiServerPart } from '../../config/config.ts';
import type { PartRules } from '../part.ts';

/** Ingress from the addresses of the API server to the Pods that answer webhooks. */
export function allowApiServer({ cidrs, podLabels, ports }: ApiServerPart): PartRules {
  return { direction: 'ingress', podLabels, rules: [{ peers: cidrs.map((cidr) => ({ cidr })), ports }] };
}
