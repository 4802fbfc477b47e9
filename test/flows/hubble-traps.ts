// Every trap of Hubble's logs as data: what the lines are, and the flows that they make. Each
// fails when its rule is taken out (`npm run mutations`).
import { flowOf, lineOf, podOf, reserved, tcp, udp } from './hubble-lines.ts';

interface Trap {
  readonly trap: string;
  readonly lines: readonly string[];
  readonly flows: readonly string[];
  /** Why lines make no flow, if the trap is about that. */
  readonly leftOut?: Readonly<Record<string, number>>;
}

const webToApi = 'shop/deployment/web > shop/pod/api-7857758574-x2k4q TCP 8080 happened';
const web = 'shop/deployment/web';
const acks = { ACK: true };

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
const undirected = { is_reply: undefined, traffic_direction: undefined, trace_reason: undefined };
const dns = podOf('dns', { namespace: 'kube-system', isLocal: false });
const dnsText = 'kube-system/pod/dns-7857758574-x2k4q';

export const traps: readonly Trap[] = [
  { trap: 'a plain line', lines: [lineOf()], flows: [webToApi] },
  { trap: 'a flow without a wrapper', lines: [JSON.stringify(flowOf())], flows: [webToApi] },
  { trap: 'unknown fields', lines: [lineOf({ shiny: { new: 1 }, policy_match_type: 9 })], flows: [webToApi] },
  {
    trap: 'unknown names of enumerations',
    lines: [lineOf({ trace_observation_point: 'FROM_MOON', trace_reason: 'WHIM' })],
    flows: [webToApi],
  },
  { trap: 'spaces as protojson varies them', lines: [lineOf().replaceAll('":', '":  ')], flows: [webToApi] },
  {
    trap: 'a line of type SOCK has addresses before translation',
    lines: [lineOf({ Type: 'SOCK', l4: tcp(80) })],
    flows: [],
    leftOut: { 'lines of type SOCK': 1 },
  },
  {
    trap: 'a line of type L7 is a hint',
    lines: [lineOf({ Type: 'L7', l7: { type: 'REQUEST', http: { method: 'GET' } } })],
    flows: [],
    leftOut: { 'lines of type L7': 1 },
  },
  {
    trap: 'a line of type L7 whose type is masked',
    lines: [lineOf({ Type: undefined, l7: { type: 'REQUEST', dns: { query: 'a.' } } })],
    flows: [],
    leftOut: { 'lines of type L7': 1 },
  },
  { trap: 'an unknown type', lines: [lineOf({ Type: 'L9' })], flows: [] },
  { trap: 'a masked type', lines: [lineOf({ Type: undefined })], flows: [webToApi] },
  { trap: 'a masked protocol', lines: [lineOf({ Type: undefined, l4: undefined })], flows: [] },
  { trap: 'a masked port', lines: [lineOf({ l4: { TCP: {} } })], flows: [] },
  { trap: 'VRRP and IGMP', lines: [lineOf({ l4: { VRRP: { vrid: 1 } } }), lineOf({ l4: { IGMP: {} } })], flows: [] },
  {
    trap: 'a reply, also where its source port is a well-known one',
    lines: [lineOf({ is_reply: true, l4: tcp(43_210, acks, 80) }), lineOf({ is_reply: true })],
    flows: [],
    leftOut: { replies: 2 },
  },
  { trap: 'a reply by the older name of the field', lines: [lineOf({ is_reply: undefined, reply: true })], flows: [] },
  {
    trap: 'TCP of unknown direction counts by SYN without ACK',
    lines: [lineOf({ ...undirected }), lineOf({ ...undirected, l4: tcp(9999, { SYN: true, ACK: true }) })],
    flows: [webToApi],
  },
  {
    trap: 'TCP of unknown direction in mid-connection',
    lines: [lineOf({ ...undirected, l4: tcp(43_210, acks, 8080) })],
    flows: [],
    leftOut: { 'TCP packets that begin no connection, of unknown direction': 1 },
  },
  {
    trap: 'UDP of unknown direction has no direction, and its ends are not swapped',
    lines: [lineOf({ ...undirected, l4: udp(40_001, 53), source: dns, destination: podOf('web') })],
    flows: [`${dnsText} > shop/deployment/web UDP 40001 from 53, undirected happened`],
  },
  {
    trap: 'UDP without direction that a line with direction explains, both ways',
    lines: [
      lineOf({ ...undirected, l4: udp(40_001, 53), source: dns, destination: podOf('web') }),
      lineOf({ ...undirected, l4: udp(53, 40_001), destination: dns }),
      lineOf({ l4: udp(53, 40_002), destination: dns }),
    ],
    flows: [`${web} > ${dnsText} UDP 53 happened`],
  },
  {
    trap: 'denied UDP has a direction and no is_reply',
    lines: [lineOf({ is_reply: undefined, verdict: 'DROPPED', drop_reason_desc: 'POLICY_DENY', l4: udp(53) })],
    flows: [webToApi.replace('TCP 8080 happened', 'UDP 53 denied')],
  },
  {
    trap: 'a drop by policy, by name or by number',
    lines: [
      lineOf({ verdict: 'DROPPED', drop_reason_desc: 'POLICY_DENIED', is_reply: undefined }),
      lineOf({ verdict: 'DROPPED', drop_reason: 181, is_reply: undefined, l4: tcp(8081) }),
    ],
    flows: [webToApi.replace('happened', 'denied'), webToApi.replace('8080 happened', '8081 denied')],
  },
  {
    trap: 'a drop for another reason',
    lines: [lineOf({ verdict: 'DROPPED', drop_reason_desc: 'CT_MAP_INSERTION_FAILED', is_reply: undefined })],
    flows: [],
    leftOut: { 'drops for a reason other than a policy': 1 },
  },
  {
    trap: 'AUDIT would be denied',
    lines: [lineOf({ verdict: 'AUDIT' })],
    flows: [webToApi.replace('happened', 'would-be-denied')],
  },
  {
    trap: 'REDIRECTED to the DNS proxy is allowed, at the port of the destination',
    lines: [lineOf({ verdict: 'REDIRECTED', proxy_port: 38_121, destination: dns, l4: udp(53) })],
    flows: [`${web} > ${dnsText} UDP 53 happened`],
  },
  {
    trap: 'verdicts that do not say what became of the packet',
    lines: ['TRACED', 'TRANSLATED', 'ERROR', 'POSTPONED'].map((verdict) => lineOf({ verdict })),
    flows: [],
  },
  {
    trap: 'a masked verdict',
    lines: [lineOf({ verdict: undefined })],
    flows: [webToApi.replace('happened', 'unknown')],
  },
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
    lines: [clusterIp(), lineOf({ l4: tcp(8080, acks, 51_000) })],
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
  {
    trap: 'an aggregated line without flags has no direction',
    lines: [
      lineOf({
        ...undirected,
        Type: undefined,
        aggregate: { egress_flow_count: '12' },
        l4: { TCP: { destination_port: 8080 } },
      }),
    ],
    flows: [webToApi.replace('8080', '8080 from undefined, undirected')],
  },
  {
    trap: 'ICMP has no port, and an echo reply has no type',
    lines: [
      lineOf({ l4: { ICMPv4: { type: 8 } } }),
      lineOf({ ...undirected, l4: { ICMPv4: {} }, source: podOf('api'), destination: podOf('web') }),
    ],
    flows: [webToApi.replace('TCP 8080', 'ICMP 0')],
  },
  {
    trap: 'SCTP',
    lines: [lineOf({ l4: { SCTP: { source_port: 1, destination_port: 3868 } } })],
    flows: [webToApi.replace('TCP 8080', 'SCTP 3868')],
  },
];
