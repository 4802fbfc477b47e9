// What a developer writes for each check on NetworkPolicies: as it is refused or warned of, and as it is accepted once the message was followed.

/** networking.k8s.io/v1 NetworkPolicySpec, with the selector left to the test unless the row is about it. */
type Specification = Readonly<Record<string, unknown>>;

export interface Row {
  readonly check: string;
  /** Where it is applied: `shop` is a fenced API tier, `vault` a fenced data tier, `old` an API tier without a fence. */
  readonly namespace: 'shop' | 'vault' | 'old';
  readonly wrong: Specification;
  /** Laid over the labels of the namespace in `wrong` and in `right`. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly right: Specification;
  readonly rightLabels?: Readonly<Record<string, string>>;
  /** What kubectl prints after `denied the request: `, or each `Warning: ` line. */
  readonly says: readonly string[];
  readonly verdict: 'refused' | 'warned';
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
    namespace: 'vault',
    wrong: from(namespaces({ env: 'prod', tier: 'web' }), 5432),
    verdict: 'refused',
    says: [],
    right: from(namespaces({ env: 'prod', tier: 'api' }), 5432),
  },
  {
    check: 'cross-environment',
    namespace: 'shop',
    wrong: from(namespaces({ tier: 'web' }), 8080),
    verdict: 'refused',
    says: [],
    right: from(namespaces({ env: 'prod', tier: 'web' }), 8080),
  },
  {
    check: 'exposes-unexposed',
    namespace: 'shop',
    wrong: from(named('ingress-nginx'), 8443),
    verdict: 'refused',
    says: [],
    right: { ...from(named('ingress-nginx'), 8443), podSelector: { matchLabels: exposed } },
    rightLabels: exposed,
  },
  {
    check: 'internal-exposed',
    namespace: 'shop',
    wrong: { ...from(named('ingress-nginx'), 8444), podSelector: { matchLabels: { internal: 'true' } } },
    labels: exposed,
    verdict: 'refused',
    says: [],
    right: { ...from(named('ingress-nginx'), 8444), podSelector: { matchLabels: exposed } },
  },
  {
    check: 'ingress-from-anyone',
    namespace: 'shop',
    wrong: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] },
    verdict: 'refused',
    says: [],
    right: { policyTypes: ['Ingress'], ingress: [{}], podSelector: { matchLabels: exposed } },
    rightLabels: exposed,
  },
  {
    check: 'ingress-broad-cidr',
    namespace: 'shop',
    wrong: from(block('203.0.0.0/8'), 8443),
    labels: exposed,
    verdict: 'refused',
    says: [],
    right: { ...from(block('203.0.113.0/24'), 8443), podSelector: { matchLabels: exposed } },
  },
  {
    check: 'unknown-taxonomy-value',
    namespace: 'shop',
    wrong: from(namespaces({ env: 'prod', tier: 'wbe' }), 8081),
    verdict: 'refused',
    says: [],
    right: from(namespaces({ env: 'prod', tier: 'web' }), 8081),
  },
  {
    check: 'egress-to-anyone',
    namespace: 'shop',
    wrong: { policyTypes: ['Egress'], egress: [{ ports: [{ port: 5432 }] }] },
    verdict: 'warned',
    says: [],
    right: to(namespaces({ env: 'prod', tier: 'data' }), 5432),
  },
  {
    check: 'egress-broad-cidr',
    namespace: 'shop',
    wrong: to(block('203.0.0.0/8'), 443),
    verdict: 'warned',
    says: [],
    right: to(block('203.0.113.0/24'), 443),
  },
  {
    check: 'egress-to-metadata',
    namespace: 'shop',
    wrong: to(block('169.254.0.0/16'), 80),
    verdict: 'warned',
    says: [],
    right: to(block('169.254.0.0/16', '169.254.169.254/32'), 80),
  },
  {
    check: 'namespace-selector-as-internet',
    namespace: 'shop',
    wrong: to({ namespaceSelector: {} }, 443),
    verdict: 'warned',
    says: [],
    right: to(block('198.51.100.0/24'), 443),
  },
  {
    check: 'ungoverned-selector',
    namespace: 'shop',
    wrong: to(namespaces({ name: 'monitoring' }), 4317),
    verdict: 'warned',
    says: [],
    right: to(named('monitoring'), 4317),
  },
  {
    check: 'egress-without-dns',
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
