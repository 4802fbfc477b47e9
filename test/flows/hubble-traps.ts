// Which lines of Hubble make a flow, as data: lines, and the flows that they make. Each row fails
// when its rule is taken out (`npm run mutations`).
import { dns, flowOf, lineOf, podOf, tcp, udp, undirected } from './hubble-lines.ts';
import type { Trap } from './trap.ts';

const webToApi = 'shop/deployment/web > shop/pod/api-7857758574-x2k4q TCP 8080 happened';
const web = 'shop/deployment/web';
const acks = { ACK: true };
const dnsText = 'kube-system/pod/dns-7857758574-x2k4q';

export const lineTraps: readonly Trap[] = [
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
