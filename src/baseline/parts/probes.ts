import type { ProbesPart } from '../../config/config.ts';
import type { PartRules } from '../part.ts';

/**
 * Ingress to every Pod from the addresses of the nodes, for the probes of the kubelet.
 * NetworkPolicy always allows traffic between a Pod and its own node (networking.k8s.io/v1); this
 * part is for network plugins that do not.
 */
export function allowProbes({ cidrs, ports }: ProbesPart): PartRules {
  return { direction: 'ingress', podLabels: {}, rules: [{ peers: cidrs.map((cidr) => ({ cidr })), ports }] };
}
