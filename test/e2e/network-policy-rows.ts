// What a developer writes for each check on NetworkPolicies: as it is refused or warned of, and as it is accepted once the message was followed.

/** networking.k8s.io/v1 NetworkPolicySpec. Without a `podSelector` it selects the Pods of an app of its own. */
type Specification = Readonly<Record<string, unknown>>;

export interface Row {
  readonly check: string;
  /** Of the NetworkPolicy. */
  readonly name: string;
  /** Where it is applied: `shop` is a fenced API tier, `vault` a fenced data tier, `old` an API tier without a fence. */
  readonly namespace: 'shop' | 'vault' | 'old';
  readonly wrong: Specification;
  readonly verdict: 'refused' | 'warned';
  /** The refusal's lines, from the object's name on; or the warnings. */
  readonly says: readonly string[];
  readonly right: Specification;
  /** Whether the NetworkPolicy itself is labelled expose="true": in both, or only once it is right. */
  readonly exposes?: 'always' | 'once right';
}

const exposed = { expose: 'true' } as const;
const from = (peer: object, port?: number) => rule('ingress', 'from', peer, port);
const to = (peer: object, port?: number) => rule('egress', 'to', peer, port);
const namespaces = (matchLabels: object) => ({ namespaceSelector: { matchLabels } });
const named = (name: string) => namespaces({ 'kubernetes.io/metadata.name': name });
const block = (cidr: string, ...except: string[]) => ({
  ipBlock: except.length === 0 ? { cidr } : { cidr, except },
});

export const rows: readonly Row[] = [
  {
    check: 'flow-matrix',
    name: 'store',
    namespace: 'vault',
    wrong: from(namespaces({ env: 'prod', tier: 'web' }), 5432),
    verdict: 'refused',
    says: [],
    right: from(namespaces({ env: 'prod', tier: 'api' }), 5432),
  },
  {
    check: 'cross-environment',
    name: 'from-web',
    namespace: 'shop',
    wrong: from(namespaces({ tier: 'web' }), 8080),
    verdict: 'refused',
    says: [],
    right: from(namespaces({ env: 'prod', tier: 'web' }), 8080),
  },
  {
    check: 'exposes-unexposed',
    name: 'from-ingress',
    namespace: 'shop',
    wrong: from(named('ingress-nginx'), 8443),
    verdict: 'refused',
    says: [],
    right: { ...from(named('ingress-nginx'), 8443), podSelector: { matchLabels: exposed } },
    exposes: 'once right',
  },
  {
    check: 'internal-exposed',
    name: 'hidden',
    namespace: 'shop',
    wrong: { ...from(named('ingress-nginx'), 8444), podSelector: { matchLabels: { internal: 'true' } } },
    exposes: 'always',
    verdict: 'refused',
    says: [],
    right: { ...from(named('ingress-nginx'), 8444), podSelector: { matchLabels: exposed } },
  },
  {
    check: 'ingress-from-anyone',
    name: 'allow-all',
    namespace: 'shop',
    wrong: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] },
    verdict: 'refused',
    says: [],
    right: { policyTypes: ['Ingress'], ingress: [{}], podSelector: { matchLabels: exposed } },
    exposes: 'once right',
  },
  {
    check: 'ingress-broad-cidr',
    name: 'partners',
    namespace: 'shop',
    wrong: from(block('203.0.0.0/8'), 8443),
    exposes: 'always',
    verdict: 'refused',
    says: [],
    right: { ...from(block('203.0.113.0/24'), 8443), podSelector: { matchLabels: { app: 'partners', ...exposed } } },
  },
  {
    check: 'unknown-taxonomy-value',
    name: 'from-wbe',
    namespace: 'shop',
    wrong: from(namespaces({ env: 'prod', tier: 'wbe' }), 8081),
    verdict: 'refused',
    says: [],
    right: from(namespaces({ env: 'prod', tier: 'web' }), 8081),
  },
  {
    check: 'egress-to-anyone',
    name: 'to-store',
    namespace: 'shop',
    wrong: { policyTypes: ['Egress'], egress: [{ ports: [{ port: 5432 }] }] },
    verdict: 'warned',
    says: [],
    right: to(namespaces({ env: 'prod', tier: 'data' }), 5432),
  },
  {
    check: 'egress-broad-cidr',
    name: 'to-bank',
    namespace: 'shop',
    wrong: to(block('203.0.0.0/8'), 443),
    verdict: 'warned',
    says: [],
    right: to(block('203.0.113.0/24'), 443),
  },
  {
    check: 'egress-to-metadata',
    name: 'to-nodes',
    namespace: 'shop',
    wrong: to(block('169.254.0.0/16'), 80),
    verdict: 'warned',
    says: [],
    right: to(block('169.254.0.0/16', '169.254.169.254/32'), 80),
  },
  {
    check: 'namespace-selector-as-internet',
    name: 'to-payments',
    namespace: 'shop',
    wrong: to({ namespaceSelector: {} }, 443),
    verdict: 'warned',
    says: [],
    right: to(block('198.51.100.0/24'), 443),
  },
  {
    check: 'ungoverned-selector',
    name: 'traces',
    namespace: 'shop',
    wrong: to(namespaces({ name: 'monitoring' }), 4317),
    verdict: 'warned',
    says: [],
    right: to(named('monitoring'), 4317),
  },
  {
    check: 'egress-without-dns',
    name: 'to-store',
    namespace: 'old',
    wrong: to(namespaces({ env: 'prod', tier: 'data' }), 5432),
    verdict: 'warned',
    says: [],
    right: {
      policyTypes: ['Egress'],
      egress: [
        { to: [namespaces({ env: 'prod', tier: 'data' })], ports: [{ port: 5432 }] },
        {
          to: [{ ...named('kube-system'), podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
      ],
    },
  },
  {
    check: 'no-effect',
    name: 'deny-all',
    namespace: 'shop',
    wrong: { policyTypes: ['Ingress', 'Egress'] },
    verdict: 'warned',
    says: [],
    right: from({ podSelector: {} }, 9000),
  },
];

function rule(direction: 'ingress' | 'egress', side: 'from' | 'to', peer: object, port: number | undefined) {
  const ports = port === undefined ? {} : { ports: [{ port }] };
  return {
    policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'],
    [direction]: [{ [side]: [peer], ...ports }],
  };
}
