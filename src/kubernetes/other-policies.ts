/** A kind beside networking.k8s.io/v1 that decides about the same traffic, or seems to. */
export interface OtherPolicyKind {
  readonly group: string;
  /** The name of the kind in objects. Two groups may have a kind of the same name. */
  readonly kind: string;
  readonly resource: string;
  readonly scope: 'Cluster' | 'Namespaced';
  /** Whether such an object can allow traffic that the namespace's NetworkPolicies do not allow. */
  readonly opens: boolean;
  /** Whether policies select such objects by label, so that a change of labels changes rules. */
  readonly isSelected: boolean;
}

const cilium = 'cilium.io';
const antrea = 'crd.antrea.io';
const clusterPolicies = 'policy.networking.k8s.io';
const aws = 'networking.k8s.aws';
const istio = 'security.istio.io';
const linkerd = 'policy.linkerd.io';

// Versions are not listed, because a kind means the same in each version that is served.
const rows = [
  // Cilium allows the traffic that these allow as well as the traffic that NetworkPolicies allow
  // (cilium v1.20.2, policy.rst).
  { group: cilium, kind: 'CiliumNetworkPolicy', resource: 'ciliumnetworkpolicies' },
  {
    group: cilium,
    kind: 'CiliumClusterwideNetworkPolicy',
    resource: 'ciliumclusterwidenetworkpolicies',
    scope: 'Cluster',
  },
  // Rules refer to these addresses by `cidrGroupRef` and `cidrGroupSelector`.
  { group: cilium, kind: 'CiliumCIDRGroup', resource: 'ciliumcidrgroups', scope: 'Cluster', isSelected: true },
  // These set the route of traffic that is already allowed.
  { group: cilium, kind: 'CiliumLocalRedirectPolicy', resource: 'ciliumlocalredirectpolicies', opens: false },
  {
    group: cilium,
    kind: 'CiliumEgressGatewayPolicy',
    resource: 'ciliumegressgatewaypolicies',
    scope: 'Cluster',
    opens: false,
  },
  // Calico evaluates its policies by tier and order, before NetworkPolicies if the order is lower.
  // Its API server serves the first group and stores each object in the second.
  ...['projectcalico.org', 'crd.projectcalico.org'].flatMap((group) => [
    { group, kind: 'NetworkPolicy', resource: 'networkpolicies' } as const,
    { group, kind: 'GlobalNetworkPolicy', resource: 'globalnetworkpolicies', scope: 'Cluster' } as const,
    { group, kind: 'Tier', resource: 'tiers', scope: 'Cluster' } as const,
    { group, kind: 'NetworkSet', resource: 'networksets', isSelected: true } as const,
    { group, kind: 'GlobalNetworkSet', resource: 'globalnetworksets', scope: 'Cluster', isSelected: true } as const,
    { group, kind: 'StagedNetworkPolicy', resource: 'stagednetworkpolicies', opens: false } as const,
    {
      group,
      kind: 'StagedKubernetesNetworkPolicy',
      resource: 'stagedkubernetesnetworkpolicies',
      opens: false,
    } as const,
    {
      group,
      kind: 'StagedGlobalNetworkPolicy',
      resource: 'stagedglobalnetworkpolicies',
      scope: 'Cluster',
      opens: false,
    } as const,
  ]),
  // An Accept of the Admin tier is final (network-policy-api v0.3.0, types.go).
  { group: clusterPolicies, kind: 'ClusterNetworkPolicy', resource: 'clusternetworkpolicies', scope: 'Cluster' },
  { group: clusterPolicies, kind: 'AdminNetworkPolicy', resource: 'adminnetworkpolicies', scope: 'Cluster' },
  {
    group: clusterPolicies,
    kind: 'BaselineAdminNetworkPolicy',
    resource: 'baselineadminnetworkpolicies',
    scope: 'Cluster',
  },
  // Antrea evaluates its tiers before NetworkPolicies. A policy may refer to its peers by a group.
  { group: antrea, kind: 'NetworkPolicy', resource: 'networkpolicies' },
  { group: antrea, kind: 'ClusterNetworkPolicy', resource: 'clusternetworkpolicies', scope: 'Cluster' },
  { group: antrea, kind: 'Tier', resource: 'tiers', scope: 'Cluster' },
  { group: antrea, kind: 'Group', resource: 'groups' },
  { group: antrea, kind: 'ClusterGroup', resource: 'clustergroups', scope: 'Cluster' },
  { group: aws, kind: 'ClusterNetworkPolicy', resource: 'clusternetworkpolicies', scope: 'Cluster' },
  { group: aws, kind: 'ApplicationNetworkPolicy', resource: 'applicationnetworkpolicies' },
  // The controller of AWS derives these from policies, for its agents.
  { group: aws, kind: 'ClusterPolicyEndpoint', resource: 'clusterpolicyendpoints', scope: 'Cluster', opens: false },
  { group: aws, kind: 'PolicyEndpoint', resource: 'policyendpoints', opens: false },
  // GKE allows traffic to these hosts as well as the traffic that NetworkPolicies allow.
  { group: 'networking.gke.io', kind: 'FQDNNetworkPolicy', resource: 'fqdnnetworkpolicies' },
  { group: 'k8s.ovn.org', kind: 'EgressFirewall', resource: 'egressfirewalls' },
  {
    group: 'k8s.ovn.org',
    kind: 'AdminPolicyBasedExternalRoute',
    resource: 'adminpolicybasedexternalroutes',
    scope: 'Cluster',
    opens: false,
  },
  { group: 'k8s.cni.cncf.io', kind: 'MultiNetworkPolicy', resource: 'multi-networkpolicies' },
  // Service meshes judge traffic that the network has already allowed.
  { group: istio, kind: 'AuthorizationPolicy', resource: 'authorizationpolicies', opens: false },
  { group: linkerd, kind: 'AuthorizationPolicy', resource: 'authorizationpolicies', opens: false },
  { group: linkerd, kind: 'Server', resource: 'servers', opens: false },
] as const satisfies readonly (Partial<OtherPolicyKind> & Pick<OtherPolicyKind, 'group' | 'kind' | 'resource'>)[];

/**
 * The kinds of other policies that Ringfence knows. The rules of webhooks and backstop, the
 * dispatch of reviews, `check` and the documentation all use this table.
 */
export const otherPolicyKinds: readonly OtherPolicyKind[] = rows.map((row) => ({
  scope: 'Namespaced',
  opens: true,
  isSelected: false,
  ...row,
}));

/** The kinds that can allow traffic that NetworkPolicies do not allow. */
export const openingKinds: readonly OtherPolicyKind[] = otherPolicyKinds.filter(({ opens }) => opens);

/** Returns the opening kind of a request, by the group and resource that the API server names. */
export function openingKindOf({
  group = '',
  resource,
}: {
  readonly group?: string;
  readonly resource: string;
}): OtherPolicyKind | undefined {
  return openingKinds.find((one) => one.group === group && one.resource === resource);
}

/** The fields of an object that do not affect what a policy of another kind allows. */
export const idleFields = ['apiVersion', 'kind', 'metadata', 'status'] as const;

/**
 * The annotation in which Calico keeps the labels of an object that it stores as
 * crd.projectcalico.org/v1 (libcalico-go, k8s/resources).
 */
export const calicoMetadata = 'projectcalico.org/metadata';
