import type { ThirdParty } from '../../config/config.ts';
import type { PartRules } from '../part.ts';

/** Egress of every Pod to services outside the cluster, one rule for each service. */
export function allowThirdParty(services: readonly ThirdParty[]): PartRules {
  const rules = services.map(({ cidrs, ports }) => ({ peers: cidrs.map((cidr) => ({ cidr })), ports }));
  return { direction: 'egress', podLabels: {}, rules };
}
