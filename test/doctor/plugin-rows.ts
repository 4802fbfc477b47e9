import type { FactValues } from '../../src/doctor/facts.ts';
import { type Change, container, daemonSet, type Row, values } from './scene.ts';

const plugin = (...daemonSets: FactValues['daemonSets']): Change => values({ daemonSets, ciliumConfig: undefined });
const k3s = (...args: readonly string[]): Change => k3sBeside([], ...args);
const k3sBeside = (daemonSets: FactValues['daemonSets'], ...args: readonly string[]): Change =>
  values({
    daemonSets,
    version: { major: 1, minor: 35, git: 'v1.35.1+k3s1' },
    k3sArguments: [{ args: undefined }, { args: ['agent'] }, { args }],
  });
const agent = (...args: readonly string[]) => container('aws-eks-nodeagent', 'amazon/network-policy-agent:v1.2', args);
const calico = daemonSet('calico-node', { namespace: 'calico-system' });

export const pluginRows: readonly Row[] = [
  ['network-plugin', 'no DaemonSet is known', plugin(daemonSet('fluentd')), [['finding', 'no known network plugin']]],
  [
    'network-plugin',
    'flannel alone',
    plugin(daemonSet('kube-flannel-ds')),
    [['finding', /^only flannel \(it connects/]],
  ],
  [
    'network-plugin',
    'flannel with the policy controller of its chart',
    plugin(
      daemonSet('kube-flannel-ds', {
        containers: [
          container('kube-flannel', 'ghcr.io/flannel-io/flannel:v0.28.11'),
          container('kube-network-policies', 'registry.k8s.io/networking/kube-network-policies:v1.0.0'),
        ],
      }),
    ),
    [['clean', /^flannel enforces NetworkPolicies, on 3 of 3 nodes$/]],
  ],
  [
    'network-plugin',
    'flannel with Calico',
    plugin(daemonSet('kube-flannel-ds'), calico),
    [['clean', /^Calico enforces/]],
  ],
  ...(['canal', 'antrea-agent', 'ovnkube-node', 'kube-router', 'anetd', 'azure-npm', 'weave-net'] as const).map(
    (name): Row => [
      'network-plugin',
      name,
      plugin(daemonSet(name)),
      [['clean', / enforces NetworkPolicies, on 3 of 3 nodes$/]],
    ],
  ),
  [
    'network-plugin',
    'an image under another name',
    plugin(daemonSet('our-network', { containers: [container('node', 'mirror.example/calico/node:v3.31')] })),
    [['clean', /^Calico enforces/]],
  ],
  [
    'network-plugin',
    'kube-router without its firewall',
    plugin(daemonSet('kube-router', { containers: [container('kube-router', 'x', ['--run-firewall=false'])] })),
    [['finding', /--run-firewall=false/]],
  ],
  [
    'network-plugin',
    "kind's own, before it knew policies",
    plugin(
      daemonSet('kindnet', { containers: [container('kindnet-cni', 'docker.io/kindest/kindnetd:v20240513-cbe')] }),
    ),
    [['finding', /older than kind 0\.24/]],
  ],
  [
    'network-plugin',
    "kind's own, since",
    plugin(
      daemonSet('kindnet', { containers: [container('kindnet-cni', 'docker.io/kindest/kindnetd:v20250512-df8')] }),
    ),
    [['clean', /^kindnet enforces/]],
  ],
  [
    'network-plugin',
    'the VPC CNI without its agent',
    plugin(daemonSet('aws-node', { containers: [container('aws-node', 'amazon-k8s-cni:v1')] })),
    [['finding', /no network policy agent/]],
  ],
  [
    'network-plugin',
    'the VPC CNI with an idle agent',
    plugin(daemonSet('aws-node', { containers: [agent('--enable-network-policy=false')] })),
    [['finding', /without --enable-network-policy=true/]],
  ],
  [
    'network-plugin',
    'the VPC CNI with its agent',
    plugin(daemonSet('aws-node', { containers: [agent('--enable-network-policy=true')] })),
    [['clean', /^the Amazon VPC CNI enforces/]],
  ],
  [
    'network-plugin',
    'the VPC CNI with its controller off',
    values({
      daemonSets: [daemonSet('aws-node', { containers: [agent('--enable-network-policy=true')] })],
      vpcCniConfig: new Map([['enable-network-policy-controller', 'false']]),
    }),
    [['finding', /enable-network-policy-controller: "false"/]],
  ],
  [
    'network-plugin',
    'the VPC CNI, and no right to its ConfigMap',
    {
      values: { daemonSets: [daemonSet('aws-node', { containers: [agent('--enable-network-policy=true')] })] },
      unread: ['vpcCniConfig'],
    },
    [['undecided', /RBAC does not allow/]],
  ],
  [
    'network-plugin',
    'a node without it',
    plugin(daemonSet('cilium', { ready: 2 })),
    [['finding', 'Cilium is ready on 2 of 3 nodes']],
  ],
  ['network-plugin', 'no node', plugin(daemonSet('cilium', { ready: 0, desired: 0 })), [['note', /no node runs it/]]],
  ['network-plugin', 'k3s', k3s('server'), [['clean', 'the policy controller of k3s is not switched off']]],
  [
    'network-plugin',
    'k3s without its controller',
    k3s('server', '--disable-network-policy', 'true'),
    [['finding', /--disable-network-policy/]],
  ],
  [
    'network-plugin',
    'k3s, and no server says its arguments',
    k3s('agent'),
    [['undecided', /no server of k3s says there with which arguments it runs$/]],
  ],
  [
    'pod-start',
    'the VPC CNI, whose mode is read from elsewhere',
    plugin(
      daemonSet('aws-node', {
        containers: [
          { ...container('aws-node', 'amazon-k8s-cni'), env: new Map([['NETWORK_POLICY_ENFORCING_MODE', undefined]]) },
          agent('--enable-network-policy=true'),
        ],
      }),
    ),
    [['undecided', /its value is read from elsewhere \(valueFrom\)$/]],
  ],
  [
    'pod-start',
    'the VPC CNI',
    plugin(daemonSet('aws-node', { containers: [agent('--enable-network-policy=true')] })),
    [['finding', /^the Amazon VPC CNI: not set, which means standard: a new Pod allows all traffic/]],
  ],
  [
    'pod-start',
    'the VPC CNI, strict',
    plugin(
      daemonSet('aws-node', {
        containers: [
          container('aws-node', 'amazon-k8s-cni', [], { NETWORK_POLICY_ENFORCING_MODE: 'strict' }),
          agent('--enable-network-policy=true'),
        ],
      }),
    ),
    [['clean', /^the Amazon VPC CNI: strict: a new Pod is closed/]],
  ],
  ['pod-start', 'the VPC CNI without its agent', plugin(daemonSet('aws-node')), []],
  ...(
    [
      ['cilium', 'clean', /^Cilium: a new Pod waits/],
      ['calico-node', 'clean', /^Calico: a new Pod has no network/],
      ['antrea-agent', 'undecided', /: Antrea: .* and it does not wait for them$/],
      ['weave-net', 'clean', /^Weave Net: everything is dropped/],
      ['ovnkube-node', 'undecided', /OVN-Kubernetes: the project does not say/],
      ['kube-ovn-cni', 'undecided', /Kube-OVN: the project does not say/],
      ['kindnet', 'undecided', /kindnet: each connection waits/],
      ['kube-network-policies', 'undecided', /from the container runtime where that has NRI/],
      ['kube-router', 'finding', /^kube-router: a new Pod allows all traffic/],
      ['azure-npm', 'finding', /^Azure's policy manager: a new Pod allows all traffic/],
    ] as const
  ).map(([name, status, found]): Row => ['pod-start', name, plugin(daemonSet(name)), [[status, found]]]),
  [
    'pod-start',
    'kube-router that denies by default',
    plugin(daemonSet('kube-router', { containers: [container('kube-router', 'x', ['--netpol-default-deny=true'])] })),
    [['clean', /^kube-router: a new Pod is closed until its rules are there, on nodes whose Pod networks are known$/]],
  ],
  [
    'pod-start',
    'flannel with the policy controller of its chart, without NRI',
    plugin(
      daemonSet('kube-flannel-ds', {
        containers: [
          container('kube-network-policies', 'registry.k8s.io/networking/kube-network-policies:v1.0.0', [
            '-disable-nri=true',
          ]),
        ],
      }),
    ),
    [['finding', /^flannel: it learns of a new Pod from the API server/]],
  ],
  ['pod-start', 'flannel alone', plugin(daemonSet('kube-flannel-ds')), []],
  [
    'pod-start',
    'flannel as a DaemonSet of k3s',
    k3sBeside([daemonSet('kube-flannel-ds')], 'server', '--flannel-backend', 'none'),
    [['finding', /^a new Pod allows all traffic until its rules are there/]],
  ],
  [
    'pod-start',
    'the VPC CNI, and no right to its ConfigMap',
    {
      values: { daemonSets: [daemonSet('aws-node', { containers: [agent('--enable-network-policy=true')] })] },
      unread: ['vpcCniConfig'],
    },
    [['undecided', /: it is not known whether the Amazon VPC CNI enforces NetworkPolicies$/]],
  ],
  ['pod-start', 'no plugin that is known', plugin(daemonSet('fluentd')), [['undecided', /no known network plugin$/]]],
  ['pod-start', 'k3s', k3s('server'), [['finding', /^a new Pod allows all traffic until its rules are there/]]],
  [
    'pod-start',
    'k3s without its controller',
    k3s('server', '--disable-network-policy'),
    [['undecided', /switched off/]],
  ],
  [
    'pod-start',
    'k3s, and no right to its nodes',
    { ...k3s(), unread: ['k3sArguments'] },
    [['undecided', /it is not known whether it runs$/]],
  ],
];
