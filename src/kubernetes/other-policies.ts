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
  readonly effect: Effect;
  /** The direction that it is about, seen from the Pods that it selects. Undefined means both. */
  readonly direction?: 'ingress' | 'egress';
  /** Whether it is only about addresses outside the cluster. */
  readonly isOutside?: boolean;
}

/**
 * What objects of a kind do to traffic, beside NetworkPolicies: they allow or deny it, only deny
 * it, only change its way, or do nothing by themselves (they stage, are derived, or are referred
 * to).
 */
export type Effect = 'decides' | 'narrows' | 'redirects' | 'none';

const cilium = 'cilium.io';
const antrea = 'crd.antrea.io';
const clusterPolicies = 'policy.networking.k8s.io';
const aws = 'networking.k8s.aws';
const istio = 'security.istio.io';
const linkerd = 'policy.linkerd.io';
const narrows = { opens: false, effect: 'narrows' } as const;
const redirects = { opens: false, effect: 'redirects' } as const;
const idle = { opens: false, effect: 'none' } as const;

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
  {
    group: cilium,
    kind: 'CiliumCIDRGroup',
    resource: 'ciliumcidrgroups',
    scope: 'Cluster',
    isSelected: true,
    effect: 'none',
  },
  // These set the route of traffic that is already allowed.
  { group: cilium, kind: 'CiliumLocalRedirectPolicy', resource: 'ciliumlocalredirectpolicies', ...redirects },
  {
    group: cilium,
    kind: 'CiliumEgressGatewayPolicy',
    resource: 'ciliumegressgatewaypolicies',
    scope: 'Cluster',
    ...redirects,
  },
  // Calico evaluates its policies by tier and order, before NetworkPolicies if the order is lower.
  // Its API server serves the first group and stores each object in the second.
  ...['projectcalico.org', 'crd.projectcalico.org'].flatMap((group) => [
    { group, kind: 'NetworkPolicy', resource: 'networkpolicies' } as const,
    { group, kind: 'GlobalNetworkPolicy', resource: 'globalnetworkpolicies', scope: 'Cluster' } as const,
    { group, kind: 'Tier', resource: 'tiers', scope: 'Cluster', effect: 'none' } as const,
    { group, kind: 'NetworkSet', resource: 'networksets', isSelected: true, effect: 'none' } as const,
    {
      group,
      kind: 'GlobalNetworkSet',
      resource: 'globalnetworksets',
      scope: 'Cluster',
      isSelected: true,
      effect: 'none',
    } as const,
    { group, kind: 'StagedNetworkPolicy', resource: 'stagednetworkpolicies', ...idle } as const,
    {
      group,
      kind: 'StagedKubernetesNetworkPolicy',
      resource: 'stagedkubernetesnetworkpolicies',
      ...idle,
    } as const,
    {
      group,
      kind: 'StagedGlobalNetworkPolicy',
      resource: 'stagedglobalnetworkpolicies',
      scope: 'Cluster',
      ...idle,
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
  { group: antrea, kind: 'Tier', resource: 'tiers', scope: 'Cluster', effect: 'none' },
  { group: antrea, kind: 'Group', resource: 'groups', effect: 'none' },
  { group: antrea, kind: 'ClusterGroup', resource: 'clustergroups', scope: 'Cluster', effect: 'none' },
  { group: aws, kind: 'ClusterNetworkPolicy', resource: 'clusternetworkpolicies', scope: 'Cluster' },
  { group: aws, kind: 'ApplicationNetworkPolicy', resource: 'applicationnetworkpolicies' },
  // The controller of AWS derives these from policies, for its agents.
  { group: aws, kind: 'ClusterPolicyEndpoint', resource: 'clusterpolicyendpoints', scope: 'Cluster', ...idle },
  { group: aws, kind: 'PolicyEndpoint', resource: 'policyendpoints', ...idle },
  // These attach the security groups of a VPC to Pods.
  { group: 'vpcresources.k8s.aws', kind: 'SecurityGroupPolicy', resource: 'securitygrouppolicies', ...narrows },
  // GKE allows traffic to these hosts as well as the traffic that NetworkPolicies allow.
  { group: 'networking.gke.io', kind: 'FQDNNetworkPolicy', resource: 'fqdnnetworkpolicies', direction: 'egress' },
  {
    group: 'k8s.ovn.org',
    kind: 'EgressFirewall',
    resource: 'egressfirewalls',
    direction: 'egress',
    isOutside: true,
  },
  {
    group: 'network.openshift.io',
    kind: 'EgressNetworkPolicy',
    resource: 'egressnetworkpolicies',
    direction: 'egress',
    isOutside: true,
    ...narrows,
  },
  {
    group: 'k8s.ovn.org',
    kind: 'AdminPolicyBasedExternalRoute',
    resource: 'adminpolicybasedexternalroutes',
    scope: 'Cluster',
    ...redirects,
  },
  { group: 'k8s.cni.cncf.io', kind: 'MultiNetworkPolicy', resource: 'multi-networkpolicies' },
  // Service meshes judge traffic that the network has already allowed, where it arrives.
  ...(
    [
      { group: istio, kind: 'AuthorizationPolicy', resource: 'authorizationpolicies' },
      { group: linkerd, kind: 'AuthorizationPolicy', resource: 'authorizationpolicies' },
      { group: linkerd, kind: 'Server', resource: 'servers' },
      { group: 'consul.hashicorp.com', kind: 'ServiceIntentions', resource: 'serviceintentions' },
      { group: 'kuma.io', kind: 'MeshTrafficPermission', resource: 'meshtrafficpermissions' },
    ] as const
  ).map((row) => ({ ...row, ...narrows, direction: 'ingress' as const })),
] as const satisfies readonly (Partial<OtherPolicyKind> & Pick<OtherPolicyKind, 'group' | 'kind' | 'resource'>)[];

/**
 * The kinds of other policies that Ringfence knows. The rules of webhooks and backstop, the
 * dispatch of reviews, `check` and the documentation all use this table.
 */
export const otherPolicyKinds: readonly OtherPolicyKind[] = rows.map((row) => ({
  scope: 'Namespaced',
  opens: true,
  isSelected: false,
  effect: 'decides',
  ...row,
}));

/**
 * Returns the kind of a policy that the table has, in any version. `name` is the name of the kind
 * in objects.
 */
export function findOtherPolicyKind(group: string, name: string): OtherPolicyKind | undefined {
  return otherPolicyKinds.find((one) => one.group === group && one.kind === name);
}

/**
 * Whether the name of a kind or of a resource says that it decides about traffic. All kinds of the
 * table that decide have such a name, so other kinds with one are worth a look.
 */
export function soundsLikePolicy(name: string): boolean {
  return /network-?polic|firewall/i.test(name);
}

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
