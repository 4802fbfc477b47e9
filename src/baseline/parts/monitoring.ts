import type { AllowedPort, NamedPeer } from '../../policy/network-config.ts';
import { type PartRules, peersAt } from '../part.ts';

/** Ingress to every Pod from the peers of the role `monitoring`, which scrape metrics. */
export function allowMonitoring(ports: readonly AllowedPort[], peers: readonly NamedPeer[]): PartRules {
  const scrapers = peers.filter(({ role }) => role === 'monitoring').flatMap(peersAt);
  return { direction: 'ingress', podLabels: {}, rules: [{ peers: scrapers, ports }] };
}
