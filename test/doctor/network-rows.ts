import type { FactValues } from '../../src/doctor/facts.ts';
import { type OtherPolicyKind, otherPolicyKinds } from '../../src/kubernetes/other-policies.ts';
import { type Change, configOf, container, daemonSet, pod, type Row, unread, values } from './scene.ts';

const plugin = (...daemonSets: FactValues['daemonSets']): Change => values({ daemonSets, ciliumConfig: undefined });
const cilium = (settings: Record<string, string>, more: Partial<FactValues> = {}): Change =>
  values({ ciliumConfig: new Map(Object.entries(settings)), ...more });
const cache = (...args: readonly string[]) =>
  daemonSet('node-local-dns', {
    containers: [container('node-cache', 'k8s.gcr.io/dns/k8s-dns-node-cache:1.23', args)],
  });
const localRedirect = otherPolicyKinds.find(({ kind }) => kind === 'CiliumLocalRedirectPolicy') as OtherPolicyKind;
const calico = daemonSet('calico-node', { namespace: 'calico-system' });
const dns = (namespaceName: string, ports: readonly number[]) =>
  configOf({ baseline: { dns: [{ namespace: namespaceName, ports, podLabels: { 'k8s-app': 'kube-dns' } }] } });

const kubeDns = { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' } };
const withCache = configOf({ baseline: { dns: [kubeDns, { cidrs: ['169.254.20.10/32'] }] } });

export const networkRows: readonly Row[] = [
  [
    'cilium-enforcement',
    'audit mode',
    cilium({ 'policy-audit-mode': 'true' }),
    [['finding', 'policy-audit-mode: "true"']],
  ],
  ['cilium-enforcement', 'never', cilium({ 'enable-policy': 'never' }), [['finding', 'enable-policy: "never"']]],
  ['cilium-enforcement', 'another plugin', plugin(calico), [['clean', 'Cilium is not installed']]],
  [
    'cilium-enforcement',
    'no ConfigMap',
    values({ ciliumConfig: undefined }),
    [['undecided', /its ConfigMap does not exist/]],
  ],
  [
    'cilium-labels',
    'only app labels',
    cilium({ labels: 'k8s:app k8s:io\\.kubernetes\\.pod\\.namespace' }),
    [['finding', /^env, tier, team, sensitivity, expose and 1 more are left out/]],
  ],
  ['cilium-labels', 'one left out', cilium({ labels: '!tier' }), [['finding', 'tier is left out: labels: "!tier"']]],
  [
    'cilium-labels',
    'all of them named',
    cilium({ labels: 'k8s:env k8s:tier k8s:team k8s:sensitivity k8s:expose k8s:internal' }),
    [['clean', 'every key of the taxonomy is part of the identity']],
  ],
  ['cilium-labels', 'an expression of nobody', cilium({ labels: '(' }), [['undecided', /"\(" is an expression/]]],
  [
    'cilium-addresses',
    'nodes by address',
    cilium({}, { config: configOf({ peers: [{ name: 'machines', role: 'nodes', cidrs: ['10.0.0.0/24'] }] }) }),
    [['finding', 'not set; the configuration has the peer machines of the role nodes']],
  ],
  ['cilium-addresses', 'no node by address', cilium({}), [['note', 'not set']]],
  [
    'node-local-dns',
    'not opened',
    values({ daemonSets: [calico, cache('-localip', '169.254.20.10,10.96.0.10')] }),
    [['finding', /^the cache listens on 169\.254\.20\.10, 10\.96\.0\.10; addresses in baseline\.dns: none$/]],
  ],
  [
    'node-local-dns',
    'another address',
    values({
      daemonSets: [calico, cache('-localip=169.254.20.11')],
      config: withCache,
    }),
    [['finding', /^the cache listens on 169\.254\.20\.11;/]],
  ],
  [
    'node-local-dns',
    'opened',
    values({
      daemonSets: [calico, cache('-localip', '169.254.20.10')],
      config: withCache,
    }),
    [['clean', /one is its address$/]],
  ],
  [
    'node-local-dns',
    'opened, on Cilium',
    values({
      daemonSets: [daemonSet('cilium'), cache('-localip', '169.254.20.10')],
      config: withCache,
    }),
    [['finding', /Cilium is the network plugin/]],
  ],
  [
    'node-local-dns',
    'opened, on Cilium, and no right to the policies that redirect to it',
    values({
      daemonSets: [daemonSet('cilium'), cache('-localip', '169.254.20.10')],
      config: withCache,
      otherPolicies: [{ kind: localRedirect, version: 'v2', objects: unread }],
    }),
    [['undecided', /RBAC does not allow you to see it$/]],
  ],
  [
    'node-local-dns',
    'opened, on Cilium, and a policy redirects',
    values({
      daemonSets: [daemonSet('cilium'), cache('-localip', '169.254.20.10')],
      config: withCache,
      otherPolicies: [
        {
          kind: localRedirect,
          version: 'v2',
          objects: { value: [{ namespace: 'kube-system', name: 'dns', tier: '' }] },
        },
      ],
    }),
    [['note', '1 redirects traffic to Pods of the node']],
  ],
  [
    'node-local-dns',
    'at an address that its arguments do not say',
    values({ daemonSets: [calico, cache()], config: withCache }),
    [['undecided', /where the cache listens is not known: it runs without -localip; addresses in baseline\.dns: 169/]],
  ],
  [
    'node-local-dns',
    'at an address that its arguments do not say, and not opened',
    values({ daemonSets: [calico, cache()] }),
    [['finding', 'where the cache listens is not known; addresses in baseline.dns: none']],
  ],
  [
    'node-local-dns',
    'opened, and nobody there',
    values({ config: withCache }),
    [['note', 'there is no NodeLocal DNS cache']],
  ],
  [
    'node-local-dns',
    'the address of the Service, and no cache',
    values({ config: configOf({ baseline: { dns: [kubeDns, { cidrs: ['10.96.0.10/32'] }] } }) }),
    [['clean', 'there is no NodeLocal DNS cache']],
  ],
  [
    'dns-pods',
    'addresses only',
    values({ config: configOf({ baseline: { dns: [{ cidrs: ['10.96.0.10/32'] }] } }) }),
    [['note', 'addresses only']],
  ],
  [
    'dns-pods',
    'several places, one of nothing',
    values({
      config: configOf({ baseline: { dns: [{ namespace: 'old-dns', podLabels: { app: 'dns' } }, kubeDns] } }),
    }),
    [
      ['finding', 'none'],
      ['clean', '1 Pod'],
      ['clean', 'its Pods and ports are those of the baseline'],
    ],
  ],
  [
    'dns-pods',
    'other labels',
    values({ pods: [pod('kube-system', 'coredns-1', { app: 'coredns' })], dnsServices: [] }),
    [
      ['finding', 'none'],
      ['note', 'none exists'],
    ],
  ],
  [
    'dns-pods',
    'OpenShift, with the defaults',
    values({
      pods: [pod('openshift-dns', 'dns-default-1', { 'dns.operator.openshift.io/daemonset-dns': 'default' })],
      dnsServices: [
        {
          namespace: 'openshift-dns',
          name: 'dns-default',
          selector: new Map([['dns.operator.openshift.io/daemonset-dns', 'default']]),
          podPorts: [5353],
        },
      ],
    }),
    [
      ['finding', 'none'],
      ['finding', 'sends clients to openshift-dns/dns-default-1'],
      ['finding', 'its Pods listen on 5353'],
    ],
  ],
  ...(
    [
      ['without a selector', { selector: new Map(), podPorts: [53] }, /it has no selector, so no labels say/],
      ['without a Pod', { selector: new Map([['k8s-app', 'none']]), podPorts: [53] }, /it selects no Pod now$/],
      ['without endpoints', { selector: new Map([['k8s-app', 'kube-dns']]), podPorts: [] }, /no endpoint says/],
    ] as const
  ).map(
    ([title, service, found]): Row => [
      'dns-pods',
      `a Service ${title}`,
      values({ dnsServices: [{ namespace: 'kube-system', name: 'kube-dns', ...service }] }),
      [
        ['clean', '1 Pod'],
        ['undecided', found],
      ],
    ],
  ),
  [
    'dns-pods',
    'another port',
    values({ config: dns('kube-system', [5353]) }),
    [
      ['clean', '1 Pod'],
      ['finding', 'its Pods listen on 53'],
    ],
  ],
];
