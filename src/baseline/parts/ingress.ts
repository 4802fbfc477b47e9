import type { AllowedPort, NamedPeer } from '../../policy/network-config.ts';
import { type PartRules, peersAt } from '../part.ts';

/** The label of the Pods that the outside may reach, and of a policy that lets the outside in. */
export const exposed = { key: 'expose', value: 'true' } as const;

/** Ingress from the peers of the role `ingress` to Pods that carry `expose: "true"`. */
export function allowIngressControllers(ports: readonly AllowedPort[], peers: readonly NamedPeer[]): PartRules {
  const controllers = peers.filter(({ role }) => role === 'ingress').flatMap(peersAt);
  return {
    direction: 'ingress',
    podLabels: { [exposed.key]: exposed.value },
    rules: [{ peers: controllers, ports }],
  };
}
