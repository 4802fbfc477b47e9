// For each check on NetworkPolicies: a policy with a finding, and the policy that follows its
// advice.

import { block, dnsPorts, exposed, from, named, namespaces, to } from './network-policy-parts.ts';
import { type Manifest, namespaceLabels } from './objects.ts';

/** networking.k8s.io/v1 NetworkPolicySpec. The default podSelector selects an app of its own. */
type Specification = Readonly<Record<string, unknown>>;

export interface Row {
  readonly check: string;
  /** The name of the NetworkPolicy. */
  readonly name: string;
  /** `shop` is a fenced API tier, `vault` a fenced data tier, `old` an API tier without a fence. */
  readonly namespace: 'shop' | 'vault' | 'old';
  readonly wrong: Specification;
  readonly verdict: 'refused' | 'warned';
  /** The lines of the refusal, from the object's name on; or the warnings. */
  readonly says: readonly string[];
  readonly right: Specification;
  /** Whether both NetworkPolicies, or only the right one, are labelled expose="true". */
  readonly exposes?: 'always' | 'once right';
}

/** Returns the NetworkPolicy of a row, with the labels of its namespace. */
export function write(row: Row, which: 'wrong' | 'right'): Manifest {
  const exposes = row.exposes === 'always' || (row.exposes === 'once right' && which === 'right');
  const tier = row.namespace === 'vault' ? 'data' : 'api';
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: row.name,
      namespace: row.namespace,
      labels: { ...namespaceLabels, tier, ...(exposes ? { expose: 'true' } : {}) },
    },
    spec: { podSelector: { matchLabels: { app: row.name } }, ...row[which] },
  };
}

export const rows: readonly Row[] = [
  {
    check: 'flow-matrix',
    name: 'store',
    namespace: 'vault',
    wrong: from(namespaces({ env: 'prod', tier: 'web' }), 5432),
    verdict: 'refused',
    says: [
      'NetworkPolicy vault/store: 1 finding keeps it out',
      '  ingress[0].from[0]  opens web -> data on TCP/5432; set tier: api or tier: data in its namespaceSelector  [flow-matrix]',
    ],
    right: from(namespaces({ env: 'prod', tier: 'api' }), 5432),
  },
  {
    check: 'cross-environment',
    name: 'from-web',
    namespace: 'shop',
    wrong: from(namespaces({ tier: 'web' }), 8080),
    verdict: 'refused',
    says: [
      'NetworkPolicy shop/from-web: 1 finding keeps it out',
      '  ingress[0].from[0]  opens staging, dev, (any other), (none) -> prod; add env: prod to its namespaceSelector  [cross-environment]',
    ],
    right: from(namespaces({ env: 'prod', tier: 'web' }), 8080),
  },
  {
    check: 'exposes-unexposed',
    name: 'from-ingress',
    namespace: 'shop',
    wrong: from(named('ingress-nginx'), 8443),
    verdict: 'refused',
    says: [
      'NetworkPolicy shop/from-ingress: 3 findings keep it out',
      '  expose              missing; "true" on a NetworkPolicy that lets the outside in (ingress[0].from[0])                      [exposes-unexposed]',
      '  podSelector         may select unexposed Pods; ingress[0].from[0] lets the outside in; add expose: "true" to matchLabels  [exposes-unexposed]',
      '  ingress[0].from[0]  lets the outside reach internal="true" Pods; Pods of expose: "true" are never internal                [internal-exposed]',
    ],
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
    says: [
      'NetworkPolicy shop/hidden: 2 findings keep it out',
      '  podSelector         may select unexposed Pods; ingress[0].from[0] lets the outside in; add expose: "true" to matchLabels  [exposes-unexposed]',
      '  ingress[0].from[0]  lets the outside reach internal="true" Pods; Pods of expose: "true" are never internal                [internal-exposed]',
    ],
    right: { ...from(named('ingress-nginx'), 8444), podSelector: { matchLabels: exposed } },
  },
  {
    check: 'ingress-from-anyone',
    name: 'allow-all',
    namespace: 'shop',
    wrong: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] },
    verdict: 'refused',
    says: [
      'NetworkPolicy shop/allow-all: 6 findings keep it out',
      '  expose       missing; "true" on a NetworkPolicy that lets the outside in (ingress[0])                                [exposes-unexposed]',
      '  ingress[0]   opens staging, dev, (any other), (none) -> prod; name Pods of env prod under "from"                     [cross-environment]',
      '  podSelector  may select unexposed Pods; ingress[0] lets the outside in; add expose: "true" to matchLabels            [exposes-unexposed]',
      '  ingress[0]   opens data, cache, (any other), (none) -> api on every port; name Pods of tier web or api under "from"  [flow-matrix]',
      '  ingress[0]   lets everyone in, the outside included; name peers under "from"                                         [ingress-from-anyone]',
      '  ingress[0]   lets the outside reach internal="true" Pods; Pods of expose: "true" are never internal                  [internal-exposed]',
    ],
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
    says: [
      'NetworkPolicy shop/partners: 3 findings keep it out',
      '  podSelector         may select unexposed Pods; ingress[0].from[0] lets the outside in; add expose: "true" to matchLabels  [exposes-unexposed]',
      '  ingress[0].from[0]  203.0.0.0/8 is wider than a /16; name the networks that are meant                                     [ingress-broad-cidr]',
      '  ingress[0].from[0]  lets the outside reach internal="true" Pods; Pods of expose: "true" are never internal                [internal-exposed]',
    ],
    right: { ...from(block('203.0.113.0/24'), 8443), podSelector: { matchLabels: { app: 'partners', ...exposed } } },
  },
  {
    check: 'unknown-taxonomy-value',
    name: 'from-wbe',
    namespace: 'shop',
    wrong: from(namespaces({ env: 'prod', tier: 'wbe' }), 8081),
    verdict: 'refused',
    says: [
      'NetworkPolicy shop/from-wbe: 2 findings keep it out',
      '  ingress[0].from[0]                         opens (any other) -> api on TCP/8081; set tier: web or tier: api in its namespaceSelector  [flow-matrix]',
      '  ingress[0].from[0].namespaceSelector tier  "wbe" is not one of web, api, data, cache, so no fenced Pod has it; did you mean "web"?    [unknown-taxonomy-value]',
    ],
    right: from(namespaces({ env: 'prod', tier: 'web' }), 8081),
  },
  {
    check: 'egress-to-anyone',
    name: 'to-store',
    namespace: 'shop',
    wrong: { policyTypes: ['Egress'], egress: [{ ports: [{ port: 5432 }] }] },
    verdict: 'warned',
    says: [
      'NetworkPolicy shop/to-store: egress[0] reaches everything, cloud metadata included [egress-to-anyone]',
      'NetworkPolicy shop/to-store: egress[0] name peers under "to"',
    ],
    right: to(namespaces({ env: 'prod', tier: 'data' }), 5432),
  },
  {
    check: 'egress-broad-cidr',
    name: 'to-bank',
    namespace: 'shop',
    wrong: to(block('203.0.0.0/8'), 443),
    verdict: 'warned',
    says: [
      'NetworkPolicy shop/to-bank: egress[0].to[0] 203.0.0.0/8 is wider than a /16 [egress-broad-cidr]',
      'NetworkPolicy shop/to-bank: egress[0].to[0] name the networks that are meant',
    ],
    right: to(block('203.0.113.0/24'), 443),
  },
  {
    check: 'egress-to-metadata',
    name: 'to-nodes',
    namespace: 'shop',
    wrong: to(block('169.254.0.0/16'), 80),
    verdict: 'warned',
    says: [
      'NetworkPolicy shop/to-nodes: egress[0].to[0] holds the metadata service [egress-to-metadata]',
      'NetworkPolicy shop/to-nodes: egress[0].to[0] add except: [169.254.169.254/32]',
    ],
    right: to(block('169.254.0.0/16', '169.254.169.254/32'), 80),
  },
  {
    check: 'namespace-selector-as-internet',
    name: 'to-payments',
    namespace: 'shop',
    wrong: to({ namespaceSelector: {} }, 443),
    verdict: 'warned',
    says: [
      'NetworkPolicy shop/to-payments: egress[0].to[0] {} is every Pod, never the Internet [namespace-selector-as-internet]',
      'NetworkPolicy shop/to-payments: egress[0].to[0] for that write an ipBlock',
    ],
    right: to(block('198.51.100.0/24'), 443),
  },
  {
    check: 'ungoverned-selector',
    name: 'traces',
    namespace: 'shop',
    wrong: to(namespaces({ name: 'monitoring' }), 4317),
    verdict: 'warned',
    says: [
      'NetworkPolicy shop/traces: egress[0].to[0] nobody governs the namespace label "name" [ungoverned-selector]',
      'NetworkPolicy shop/traces: egress[0].to[0] select by kubernetes.io/metadata.name: monitoring',
    ],
    right: to(named('monitoring'), 4317),
  },
  {
    check: 'egress-without-dns',
    name: 'to-store',
    namespace: 'old',
    wrong: to(namespaces({ env: 'prod', tier: 'data' }), 5432),
    verdict: 'warned',
    says: [
      'NetworkPolicy old/to-store: egress allows no DNS, nor does another NetworkPolicy here [egress-without-dns]',
      'NetworkPolicy old/to-store: egress allow UDP and TCP 53 to k8s-app: kube-dns in kube-system',
    ],
    right: {
      policyTypes: ['Egress'],
      egress: [
        { to: [namespaces({ env: 'prod', tier: 'data' })], ports: [{ port: 5432 }] },
        { to: [{ ...named('kube-system'), podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }], ports: dnsPorts },
      ],
    },
  },
  {
    check: 'no-effect',
    name: 'deny-all',
    namespace: 'shop',
    wrong: { policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
    verdict: 'warned',
    says: [
      'NetworkPolicy shop/deny-all: spec has no effect: the baseline isolates every Pod of this namespace already [no-effect]',
    ],
    right: from({ podSelector: {} }, 9000),
  },
  {
    check: 'policy-types',
    name: 'both',
    namespace: 'old',
    wrong: { ...from({ podSelector: {} }, 9000), egress: [{ to: [{ podSelector: {} }] }] },
    verdict: 'warned',
    says: [
      'NetworkPolicy old/both: policyTypes leaves out Egress, so its egress rules have no effect [policy-types]',
      'NetworkPolicy old/both: policyTypes add Egress',
    ],
    right: from({ podSelector: {} }, 9000),
  },
];
