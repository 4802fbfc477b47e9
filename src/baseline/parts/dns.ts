import type { DnsPlace } from '../../config/config.ts';
import { type PartRules, peersAt } from '../part.ts';
import { dnsPorts } from './dns-ports.ts';

/**
 * Egress of every Pod to the cluster's DNS. The places that have the same ports are in one rule.
 */
export function allowDns(places: readonly DnsPlace[]): PartRules {
  const rules = Map.groupBy(places, ({ ports }) => ports.join());
  return {
    direction: 'egress',
    podLabels: {},
    rules: [...rules.values()].map((same) => ({ peers: same.flatMap(peersAt), ports: dnsPorts(same[0]?.ports ?? []) })),
  };
}
