import type { FactValues } from '../../src/doctor/facts.ts';
import { type Change, container, daemonSet, type Row, values } from './scene.ts';

const plugin = (...daemonSets: FactValues['daemonSets']): Change => values({ daemonSets, ciliumConfig: undefined });
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
  [
    'network-plugin',
    'k3s',
    values({ daemonSets: [], version: { major: 1, minor: 35, git: 'v1.35.1+k3s1' }, k3sArguments: [['server']] }),
    [['clean', 'the policy controller of k3s is not switched off']],
  ],
  [
    'network-plugin',
    'k3s without its controller',
    values({
      daemonSets: [],
      version: { major: 1, minor: 35, git: 'v1.35.1+k3s1' },
      k3sArguments: [['server', '--disable-network-policy', 'true']],
    }),
    [['finding', /--disable-network-policy/]],
  ],
  [
    'pod-start',
    'the VPC CNI',
    plugin(daemonSet('aws-node', { containers: [agent('--enable-network-policy=true')] })),
    [['finding', 'not set, which means standard']],
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
    [['clean', 'strict']],
  ],
];
