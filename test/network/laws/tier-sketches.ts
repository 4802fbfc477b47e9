import type { TieredSketch } from '../worlds.ts';

interface SpecSketch {
  readonly priority?: number;
  readonly tier?: string;
  readonly subject?: object;
  readonly ingress?: readonly object[];
  readonly egress?: readonly object[];
}

const x = { namespaces: { matchLabels: { ns: 'x' } } };

/** A ClusterNetworkPolicy for the pods of namespace x in the Admin tier with priority 10. */
export function cluster(name: string, spec: SpecSketch, version = 'v1beta1'): TieredSketch {
  return {
    type: `policy.networking.k8s.io/${version} ClusterNetworkPolicy`,
    name,
    spec: { tier: 'Admin', priority: 10, subject: x, ...spec },
  };
}

/** An AdminNetworkPolicy for the pods of namespace x with priority 10. */
export function admin(name: string, spec: Omit<SpecSketch, 'tier'>): TieredSketch {
  return {
    type: 'policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy',
    name,
    spec: { priority: 10, subject: x, ...spec },
  };
}

/** The BaselineAdminNetworkPolicy, for the pods of namespace x. */
export function baseline(spec: Omit<SpecSketch, 'tier' | 'priority'>): TieredSketch {
  return {
    type: 'policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy',
    name: 'default',
    spec: { subject: x, ...spec },
  };
}

/** Every pod. */
export const everyPod = [{ namespaces: {} }];

/** Pods of namespace y with the label pod=a. */
export const podA = [
  { pods: { namespaceSelector: { matchLabels: { ns: 'y' } }, podSelector: { matchLabels: { pod: 'a' } } } },
];

/** A TCP port, as a ClusterNetworkPolicy writes it. */
export function tcp(number: number): readonly object[] {
  return [{ tcp: { destinationPort: { number } } }];
}
