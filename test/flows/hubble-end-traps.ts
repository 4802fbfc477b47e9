// What the ends of flows of Hubble are, as data: lines, and the flows that they make. Each row
// fails when its rule is taken out (`npm run mutations`).
import { lineOf, podOf, reserved, tcp, udp } from './hubble-lines.ts';
import type { Trap } from './trap.ts';

const webToApi = 'shop/deployment/web > shop/pod/api-7857758574-x2k4q TCP 8080 happened';
const web = 'shop/deployment/web';

const to = (changes: Record<string, unknown>, address = '10.244.2.7'): string =>
  lineOf({ destination: changes, IP: { source: '10.244.1.5', destination: address } });
const clusterIp = (changes: Record<string, unknown> = {}): string =>
  lineOf({
    destination: reserved(2, 'world'),
    destination_service: { name: 'api', namespace: 'shop' },
    IP: { source: '10.244.1.5', destination: '10.96.0.20' },
    l4: tcp(80),
    is_reply: undefined,
    traffic_direction: 'TRAFFIC_DIRECTION_UNKNOWN',
    trace_observation_point: 'FROM_ENDPOINT',
    ...changes,
  });

export const endTraps: readonly Trap[] = [
  { trap: 'the node of the Pod', lines: [to(reserved(1, 'host'))], flows: [`${web} > host TCP 8080 happened`] },
  {
    trap: 'the node of the Pod with labels of others beside it',
    lines: [to(reserved(1, 'host', 'remote-node', 'kube-apiserver'))],
    flows: [`${web} > host TCP 8080 happened`],
  },
  {
    trap: 'another node, where the identity is masked and host stands beside it',
    lines: [to(reserved(0, 'host', 'remote-node'))],
    flows: [`${web} > remote-node TCP 8080 happened`],
  },
  { trap: 'a node by its scope', lines: [to(reserved(33_554_433))], flows: [`${web} > remote-node TCP 8080 happened`] },
  {
    trap: 'the API server is also a node',
    lines: [
      to(reserved(7, 'kube-apiserver', 'remote-node')),
      to(reserved(16_777_300, 'kube-apiserver', 'world', 'cidr:1.2.3.4/32')),
    ],
    flows: [`${web} > apiserver TCP 8080 happened`],
  },
  { trap: 'the ingress proxy', lines: [to(reserved(8, 'ingress'))], flows: [`${web} > ingress TCP 8080 happened`] },
  {
    trap: 'health, init, unmanaged and unknown have no name',
    lines: [to(reserved(4)), to({ ...podOf('x'), identity: 5 }), to(reserved(3)), to({})],
    flows: [
      `${web} > unresolved (a Pod that Cilium does not manage) TCP 8080 happened`,
      `${web} > unresolved (a Pod whose labels Cilium did not know yet) TCP 8080 happened`,
      `${web} > unresolved (a health endpoint of Cilium) TCP 8080 happened`,
      `${web} > unresolved (an endpoint that Cilium does not know) TCP 8080 happened`,
    ],
  },
  {
    trap: 'well-known identities are Pods',
    lines: [to({ ...podOf('dns', { namespace: 'kube-system' }), identity: 102 })],
    flows: [`${web} > kube-system/deployment/dns TCP 8080 happened`],
  },
  {
    trap: 'outside by identity, by CIDR, by scope, in IPv6',
    lines: [
      to(reserved(2, 'world'), '203.0.113.7'),
      to(reserved(10, 'world-ipv6'), '2001:db8::7'),
      to(reserved(16_777_217, 'cidr:198.51.100.0/24'), '198.51.100.9'),
      to(reserved(16_777_218), '198.51.100.10'),
    ],
    flows: ['198.51.100.10', '198.51.100.9', '2001:db8::7', '203.0.113.7'].map(
      (address) => `${web} > outside ${address} TCP 8080 happened`,
    ),
  },
  {
    trap: 'outside by its names',
    lines: [
      lineOf({ destination: reserved(2), destination_names: ['api.example.com.', 'A.example.com'], IP: undefined }),
    ],
    flows: [`${web} > outside a.example.com api.example.com TCP 8080 happened`],
  },
  {
    trap: 'the metadata service, whatever its identity, in both families',
    lines: [to(reserved(2, 'world'), '169.254.169.254'), to({}, 'fd00:0ec2::254')],
    flows: [`${web} > outside 169.254.169.254 TCP 8080 happened`, `${web} > outside fd00:0ec2::254 TCP 8080 happened`],
  },
  {
    trap: 'the address of a Service, whose port is not the Pod’s',
    lines: [clusterIp()],
    flows: [`${web} > service shop/api TCP 80 happened`],
  },
  {
    trap: 'the address of a Service with an empty destination',
    lines: [clusterIp({ destination: {} })],
    flows: [`${web} > service shop/api TCP 80 happened`],
  },
  {
    trap: 'the address of a Service whose connection goes on to a Pod',
    lines: [clusterIp(), lineOf()],
    flows: [webToApi],
  },
  {
    trap: 'the address of a Service beside another connection to its Pod',
    lines: [clusterIp(), lineOf({ l4: tcp(8080, { ACK: true }, 51_000) })],
    flows: [webToApi, `${web} > service shop/api TCP 80 happened`],
  },
  {
    trap: 'the address of the API server’s Service',
    lines: [
      clusterIp({ destination_service: { name: 'kubernetes', namespace: 'default' }, l4: tcp(443) }),
      lineOf({ destination: reserved(7, 'kube-apiserver', 'remote-node'), l4: tcp(6443) }),
    ],
    flows: [`${web} > apiserver TCP 6443 happened`],
  },
  {
    trap: 'UDP to the address of a Service keeps an ephemeral source port',
    lines: [clusterIp({ l4: udp(53, 40_002) }), clusterIp({ l4: udp(53, 40_001) })],
    flows: [`${web} > service shop/api UDP 53 from 40001, undirected happened`],
  },
  {
    trap: 'both nodes see a flow: the workload of a Pod elsewhere comes from the line of its node',
    lines: [
      lineOf(),
      lineOf({
        source: podOf('web', { isLocal: false }),
        destination: podOf('api'),
        node_name: 'node-2',
        traffic_direction: 'INGRESS',
      }),
    ],
    flows: ['shop/deployment/web > shop/deployment/api TCP 8080 happened'],
  },
  {
    trap: 'Pods of one workload are one end',
    lines: ['x2k4q', 'zzzzz', 'b4c5d'].map((suffix) => lineOf({ source: podOf('web', { suffix }) })),
    flows: [webToApi],
  },
  {
    trap: 'labels of one Pod or one revision tell no workloads apart',
    lines: ['a', 'b'].map((one) =>
      lineOf({
        source: {
          ...podOf('web'),
          labels: ['k8s:app=web', `k8s:pod-template-hash=${one}`, 'k8s:io.kubernetes.pod.namespace=shop'],
        },
      }),
    ),
    flows: [webToApi],
  },
  {
    trap: 'the order of labels does not matter',
    lines: [
      ['k8s:app=web', 'k8s:b=c'],
      ['k8s:b=c', 'k8s:app=web'],
    ].map((labels) => lineOf({ source: podOf('web', { labels }) })),
    flows: [webToApi],
  },
  {
    trap: 'a Pod of another cluster',
    lines: [to({ ...podOf('api', { isLocal: false }), cluster_name: 'west' })],
    flows: [`${web} > unresolved (an end in the cluster west) TCP 8080 happened`],
  },
  {
    trap: 'no cluster is ours',
    lines: [to({ ...podOf('api', { isLocal: false, labels: ['k8s:app=api'] }), cluster_name: undefined })],
    flows: [webToApi],
  },
  {
    trap: 'a node port with a translated source comes from a node, not from outside',
    lines: [
      lineOf({
        source: reserved(6, 'remote-node'),
        destination: podOf('api'),
        IP: { source: '172.18.0.3', source_xlated: '10.244.3.1', destination: '10.244.2.7' },
      }),
    ],
    flows: ['remote-node > shop/deployment/api TCP 8080 happened'],
  },
];
