import type { NodeLocalDns } from '../../config/config.ts';
import type { PartRules } from '../part.ts';
import { dnsPorts } from './dns-ports.ts';

/**
 * Egress of every Pod to a NodeLocal DNS cache. The cache answers on an address of the node, which
 * no podSelector can match.
 */
export function allowNodeLocalDns({ cidrs, ports }: NodeLocalDns): PartRules {
  return {
    direction: 'egress',
    podLabels: {},
    rules: [{ peers: cidrs.map((cidr) => ({ cidr })), ports: dnsPorts(ports) }],
  };
}
