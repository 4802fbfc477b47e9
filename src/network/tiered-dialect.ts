import type { Action, TieredKind } from './tiered-policy.ts';

/** How the specification of a kind is written, and what its CRD allows. */
export interface TieredDialect {
  readonly kind: TieredKind;
  /** The fields of `spec`. */
  readonly fields: readonly string[];
  readonly actions: Readonly<Record<string, Action>>;
  /** How many rules of a direction, peers of a rule and ports of a rule there may be. */
  readonly limit: number;
  /** The field of a rule's ports. */
  readonly ports: 'protocols' | 'ports';
  /** The forms of a peer of an egress rule. A peer of an ingress rule has the first two. */
  readonly peers: readonly string[];
  /** Whether `pods.namespaceSelector` may be left out: it then selects every namespace. */
  readonly selectsAllNamespaces: boolean;
}

const accepting = { Accept: 'Accept', Deny: 'Deny', Pass: 'Pass' } as const;
const allowing = { Allow: 'Accept', Deny: 'Deny', Pass: 'Pass' } as const;
const peers = ['namespaces', 'pods', 'nodes', 'networks', 'domainNames'];

const cluster: TieredDialect = {
  kind: 'ClusterNetworkPolicy',
  fields: ['tier', 'priority', 'subject', 'ingress', 'egress'],
  actions: accepting,
  limit: 25,
  ports: 'protocols',
  peers,
  selectsAllNamespaces: true,
};

const admin: TieredDialect = {
  kind: 'AdminNetworkPolicy',
  fields: ['priority', 'subject', 'ingress', 'egress'],
  actions: allowing,
  limit: 100,
  ports: 'ports',
  peers,
  selectsAllNamespaces: false,
};

const baseline: TieredDialect = {
  kind: 'BaselineAdminNetworkPolicy',
  fields: ['subject', 'ingress', 'egress'],
  actions: { Allow: 'Accept', Deny: 'Deny' },
  limit: 100,
  ports: 'ports',
  peers: ['namespaces', 'pods', 'nodes', 'networks'],
  selectsAllNamespaces: false,
};

/**
 * The dialects by `apiVersion Kind` (sigs.k8s.io/network-policy-api v0.3.0, apis).
 * ClusterNetworkPolicy has the same shape in both versions.
 */
export const dialects: ReadonlyMap<string, TieredDialect> = new Map([
  ['policy.networking.k8s.io/v1beta1 ClusterNetworkPolicy', cluster],
  ['policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy', cluster],
  ['policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy', admin],
  ['policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy', baseline],
]);
