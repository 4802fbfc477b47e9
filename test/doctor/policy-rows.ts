import { formatTrialTime, openSpec, trialAnnotation } from '../../src/baseline/trial.ts';
import { otherPolicyKinds } from '../../src/kubernetes/other-policies.ts';
import {
  baselineOf,
  configOf,
  dateAfter,
  dayMs,
  exception,
  namespace,
  now,
  pod,
  type Row,
  unread,
  values,
} from './scene.ts';

const mark = { 'ringfence.dev/fence': 'true' };
const over = { [trialAnnotation]: formatTrialTime(now - dayMs) };
const running = { [trialAnnotation]: formatTrialTime(now + dayMs) };

const objectsOf = (
  kind: string,
  ...objects: readonly (readonly [namespace: string, name: string, tier?: string])[]
) => {
  const found = otherPolicyKinds.find((one) => `${one.kind}.${one.group}` === kind);
  if (found === undefined) throw new Error(`no kind ${kind}`);
  return {
    kind: found,
    version: 'v1',
    objects: { value: objects.map(([place, name, tier = '']) => ({ namespace: place, name, tier })) },
  };
};

export const policyRows: readonly Row[] = [
  [
    'kubernetes-version',
    '1.33',
    values({ version: { major: 1, minor: 33, git: 'v1.33.4' } }),
    [['finding', 'v1.33.4']],
  ],
  [
    'kubernetes-version',
    '1.34',
    values({ version: { major: 1, minor: 34, git: 'v1.34.0' } }),
    [['clean', /^v1\.34\.0 deletes/]],
  ],
  [
    'baselines',
    'no wall, another rule, and a mark where it means nothing',
    values({
      namespaces: [
        namespace('shop', { 'ringfence.dev/fence': 'true' }),
        namespace('bank', { 'ringfence.dev/fence': 'true' }),
        namespace('kube-system', { 'ringfence.dev/fence': 'true' }),
      ],
      baselines: [
        ...baselineOf('shop').slice(1),
        ...baselineOf('bank').map((policy) => ({ ...policy, spec: { podSelector: {} } })),
      ],
    }),
    [
      ['finding', '1 missing: shop/deny-all-baseline'],
      ['finding', '2 with another specification: bank/deny-all-baseline, bank/allow-dns-egress'],
    ],
  ],
  [
    'baselines',
    'a trial that is over, and one whose wall still stands',
    values({
      namespaces: [namespace('shop', mark, over), namespace('bank', mark, over), namespace('kube-system', mark, over)],
      baselines: [...baselineOf('shop').map((policy) => ({ ...policy, spec: openSpec })), ...baselineOf('bank')],
    }),
    [
      ['finding', '1 closed after the end of a trial: bank'],
      ['note', '1 whose trial is over: shop'],
    ],
  ],
  [
    'baselines',
    'a running trial, whose wall says another end, or is open already',
    values({
      namespaces: [namespace('shop', mark, running), namespace('bank', mark, running)],
      baselines: [...baselineOf('shop').map((policy) => ({ ...policy, spec: openSpec })), ...baselineOf('bank')],
    }),
    [
      ['finding', '2 with another specification: shop/deny-all-baseline, shop/allow-dns-egress'],
      ['finding', /^4 with another end of a trial than their namespace has: shop/],
    ],
  ],
  ['baselines', 'nothing fenced', values({ namespaces: [namespace('shop')] }), [['note', 'no namespace is fenced']]],
  [
    'other-policies',
    'in a fenced namespace, and in another',
    values({
      otherPolicies: [objectsOf('CiliumNetworkPolicy.cilium.io', ['shop', 'a'], ['shop', 'b'], ['monitoring', 'c'])],
    }),
    [['finding', '2 objects: shop (2)']],
  ],
  [
    'other-policies',
    'in another alone',
    values({ otherPolicies: [objectsOf('CiliumNetworkPolicy.cilium.io', ['monitoring', 'c'])] }),
    [['note', '1 object: monitoring (1)']],
  ],
  [
    'other-policies',
    'for the whole cluster',
    values({ otherPolicies: [objectsOf('GlobalNetworkPolicy.projectcalico.org', ['', 'all'])] }),
    [['finding', '1 object for the whole cluster']],
  ],
  [
    'other-policies',
    'tiers and staged ones',
    values({
      otherPolicies: [
        objectsOf('Tier.projectcalico.org', ['', 'default']),
        objectsOf('StagedNetworkPolicy.projectcalico.org', ['shop', 'try']),
        objectsOf('GlobalNetworkSet.projectcalico.org'),
      ],
    }),
    [
      ['note', '1 object for the whole cluster'],
      ['note', '1 object: shop (1)'],
    ],
  ],
  [
    'other-policies',
    'a list that is refused, a server that is down, and a kind of nobody',
    values({
      otherPolicies: [{ ...objectsOf('EgressFirewall.k8s.ovn.org'), objects: unread }],
      served: {
        stale: ['projectcalico.org'],
        resources: [
          { group: 'example.com', version: 'v1', resource: 'networkpolicies', kind: 'NetworkPolicy', known: false },
          { group: 'example.com', version: 'v2', resource: 'networkpolicies', kind: 'NetworkPolicy', known: false },
        ],
      },
    }),
    [
      ['undecided', /aggregated API does not answer/],
      ['undecided', /RBAC does not allow/],
      ['undecided', /does not know this kind/],
    ],
  ],
  [
    'baseline-tier',
    'both kinds',
    values({
      otherPolicies: [
        objectsOf('ClusterNetworkPolicy.policy.networking.k8s.io', ['', 'deny', 'Baseline'], ['', 'admin', 'Admin']),
        objectsOf('BaselineAdminNetworkPolicy.policy.networking.k8s.io', ['', 'default']),
      ],
    }),
    [
      ['finding', 'ClusterNetworkPolicy deny'],
      ['finding', 'BaselineAdminNetworkPolicy default'],
    ],
  ],
  [
    'other-policies',
    'where a trial is over, which no longer fences, or the mark means nothing',
    values({
      namespaces: [namespace('shop', mark, over), namespace('kube-system', mark)],
      otherPolicies: [objectsOf('CiliumNetworkPolicy.cilium.io', ['shop', 'a'], ['kube-system', 'b'])],
    }),
    [['note', '2 objects: shop (1), kube-system (1)']],
  ],
  [
    'other-policies',
    'where a trial still runs',
    values({
      namespaces: [namespace('shop', mark, running)],
      otherPolicies: [objectsOf('CiliumNetworkPolicy.cilium.io', ['shop', 'a'])],
    }),
    [['finding', '1 object: shop (1)']],
  ],
  [
    'baseline-tier',
    'where the only trial is over',
    values({
      namespaces: [namespace('shop', mark, over)],
      otherPolicies: [objectsOf('ClusterNetworkPolicy.policy.networking.k8s.io', ['', 'deny', 'Baseline'])],
    }),
    [['note', 'ClusterNetworkPolicy deny']],
  ],
  [
    'baseline-tier',
    'nothing fenced',
    values({
      namespaces: [namespace('shop')],
      otherPolicies: [objectsOf('ClusterNetworkPolicy.policy.networking.k8s.io', ['', 'deny', 'Baseline'])],
    }),
    [['note', 'ClusterNetworkPolicy deny']],
  ],
  ...hostNetworkRows(),
];

function hostNetworkRows(): readonly Row[] {
  const onNode = { hostNetwork: true };
  return [
    ['host-network', 'a Pod', values({ pods: [pod('shop', 'x', {}, onNode)] }), [['finding', '1: shop/x']]],
    [
      'host-network',
      'in an exempt namespace',
      values({ pods: [pod('kube-system', 'x', {}, onNode)] }),
      [['note', '1: kube-system/x']],
    ],
    [
      'host-network',
      'under an exception',
      values({ pods: [pod('shop', 'x', {}, onNode)], config: configOf({ exceptions: [exception(dateAfter(30))] }) }),
      [['note', '1: shop/x']],
    ],
    [
      'host-network',
      'a port',
      values({ pods: [pod('shop', 'x', {}, { hostPorts: [80] })] }),
      [['finding', '1: shop/x']],
    ],
  ];
}
