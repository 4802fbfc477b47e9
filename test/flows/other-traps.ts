// The traps of the AWS agent's logs and of generic lines, as data: lines, and the flows that they
// make.
import type { Trap } from './trap.ts';

const generic = (changes: object = {}): string =>
  JSON.stringify({
    from_namespace: 'shop',
    from_workload: 'deployment/web',
    from_labels: { app: 'web' },
    to_namespace: 'shop',
    to_labels: 'app=api,tier=api',
    to_pod: 'api-0',
    protocol: 'tcp',
    port: 8080,
    ...changes,
  });

const time = '2026-03-01T10:00:00.123456789Z';
const podPrefix = (name: string): string => `[pod/hubble-${name}/export-stdout] `;
/** The first and the second half of a line. */
const halves = (text: string): readonly [string, string] => [text.slice(0, 40), text.slice(40)];

export const otherTraps: readonly Trap[] = [
  {
    trap: 'the text of container runtimes: whole lines, and one in pieces',
    lines: [
      `${time} stdout F ${generic({ port: 1 })}`,
      ...halves(generic({ port: 2 })).map((half, index) => `${time} stdout ${index === 0 ? 'P' : 'F'} ${half}`),
      `${time} stdout F:more-tags ${generic({ port: 3 })}`,
      '2026-03-01T11:00:00.5+01:00 stderr F ',
    ],
    flows: [1, 2, 3].map((port) => `shop/deployment/web > shop/pod/api-0 TCP ${port} happened`),
  },
  {
    trap: 'the text of container runtimes: pieces of two streams between each other',
    lines: [
      `${time} stdout P ${halves(generic({ port: 1 }))[0]}`,
      `${time} stderr P ${halves(generic({ port: 2 }))[0]}`,
      `${time} stdout F ${halves(generic({ port: 1 }))[1]}`,
      `${time} stderr F ${halves(generic({ port: 2 }))[1]}`,
    ],
    flows: [1, 2].map((port) => `shop/deployment/web > shop/pod/api-0 TCP ${port} happened`),
  },
  {
    trap: 'kubectl logs with --prefix, with --timestamps, and with both',
    lines: [
      `${podPrefix('a')}${generic({ port: 1 })}`,
      `${time} ${generic({ port: 2 })}`,
      `${podPrefix('b')}${time} ${generic({ port: 3 })}`,
      `${podPrefix('b')}2026-03-01T11:00:00+01:00 ${generic({ port: 4 })}`,
    ],
    flows: [1, 2, 3, 4].map((port) => `shop/deployment/web > shop/pod/api-0 TCP ${port} happened`),
  },
  {
    trap: 'indented objects behind timestamps',
    lines: JSON.stringify(JSON.parse(generic()), undefined, 2)
      .split('\n')
      .map((line) => `${podPrefix('a')}${time} ${line}`),
    flows: ['shop/deployment/web > shop/pod/api-0 TCP 8080 happened'],
  },
  {
    trap: 'AWS: lines of CloudWatch, with and without a tier',
    lines: [
      'Node: ip-10-0-1-5;SIP: 10.0.1.7;SPORT: 43210;DIP: 10.0.2.9;DPORT: 8080;PROTOCOL: TCP;PolicyVerdict: DENY',
      'Node: ip-10-0-1-5;SIP: 10.0.1.7;SPORT: 43211;DIP: 10.0.2.9;DPORT: 8080;PROTOCOL: TCP;PolicyVerdict: ACCEPT;Tier: DEFAULT',
      'Node: ip-10-0-1-5;SIP: 10.0.1.7;SPORT: 43211;DIP: 10.0.2.9;DPORT: 8080;PROTOCOL: TCP;PolicyVerdict: EXPIRED/DELETED',
    ],
    flows: ['address 10.0.1.7 > address 10.0.2.9 TCP 8080 denied+happened'],
    leftOut: { 'ends of connections': 1 },
  },
  {
    trap: 'AWS: the file on a node, in both families',
    lines: [
      'starting up',
      'Flow Info: Src IP: 10.0.1.7 Src Port: 43210 Dest IP: 10.0.2.9 Dest Port: 53 Proto UDP Verdict ACCEPT Direction egress, Tier DEFAULT',
      'Flow Info: Src IP: 2600:1f14::7 Src Port: 43210 Dest IP: 2600:1f14::9 Dest Port: 8080 Proto: TCP Verdict: DENY Direction: egress Tier: DEFAULT',
      '{"level":"info","ts":"2026-03-01T10:00:00.1Z","msg":"Flow Info:  ","Src IP":"10.0.1.7","Src Port":1,"Dest IP":"10.0.2.9","Dest Port":81,"Proto":"TCP","Verdict":"DENY"}',
      '{"level":"info","ts":"2026-03-01T10:00:00.1Z","msg":"Flow Info: Src IP: 10.0.1.7 Src Port: 1 Dest IP: 10.0.2.9 Dest Port: 82 Proto TCP Verdict DENY Direction egress, Tier DEFAULT"}',
    ],
    flows: [
      'address 10.0.1.7 > address 10.0.2.9 TCP 81 denied',
      'address 10.0.1.7 > address 10.0.2.9 TCP 82 denied',
      'address 10.0.1.7 > address 10.0.2.9 UDP 53 happened',
      'address 2600:1f14::7 > address 2600:1f14::9 TCP 8080 denied',
    ],
    leftOut: { 'lines of the agent that are no flow': 1 },
  },
  {
    trap: 'generic lines',
    lines: [generic(), generic({ verdict: 'denied', port: 9090 })],
    flows: [
      'shop/deployment/web > shop/pod/api-0 TCP 8080 happened',
      'shop/deployment/web > shop/pod/api-0 TCP 9090 denied',
    ],
  },
  {
    trap: 'generic lines with other ends',
    lines: [
      generic({ to_namespace: undefined, to_host: 'api.example.com' }),
      generic({ to_namespace: undefined, to_address: '10.0.0.9' }),
      generic({ to_namespace: undefined }),
    ],
    flows: [
      'shop/deployment/web > address 10.0.0.9 TCP 8080 happened',
      'shop/deployment/web > outside api.example.com TCP 8080 happened',
      'shop/deployment/web > unresolved (an end without a namespace, an address or a host) TCP 8080 happened',
    ],
  },
  {
    trap: 'generic lines that do not fit',
    lines: [generic(), generic({ protocol: 'GRE' }), generic({ port: 70_000 }), generic({ verdict: 'perhaps' })],
    flows: ['shop/deployment/web > shop/pod/api-0 TCP 8080 happened'],
    leftOut: {
      'lines of protocols other than TCP, UDP, SCTP and ICMP': 1,
      'lines with a verdict other than happened, denied, would-be-denied, unknown': 1,
      'lines without a destination port': 1,
    },
  },
];
