// The traps of Calico's logs, as data: lines, and the flows that they make.
import type { Trap } from './trap.ts';

const key = {
  source_name: 'web-7857758574-*',
  source_namespace: 'shop',
  source_type: 1,
  dest_name: 'api-6d4b9c7f5d-*',
  dest_namespace: 'shop',
  dest_type: 1,
  dest_port: 8080,
  dest_service_name: 'api',
  dest_service_namespace: 'shop',
  dest_service_port: 80,
  proto: 'tcp',
  reporter: 1,
  action: 1,
};
const rest = {
  start_time: 1_772_359_200,
  end_time: 1_772_359_200,
  source_labels: ['app=web'],
  dest_labels: ['app=api'],
};
const goldmane = (changes: object = {}, others: object = {}): string =>
  JSON.stringify({ Key: { ...key, ...changes }, ...rest, ...others });
const webToApi = 'shop/pod/web-7857758574-* > shop/pod/api-6d4b9c7f5d-* TCP 8080 happened';
const web = 'shop/pod/web-7857758574-*';

const whiskerFlow = {
  start_time: '2026-03-01T10:00:00Z',
  end_time: '2026-03-01T10:00:15Z',
  action: 'Allow',
  source_name: 'web-7857758574-*',
  source_namespace: 'shop',
  source_labels: 'app=web | tier=web',
  dest_name: 'api-6d4b9c7f5d-*',
  dest_namespace: 'shop',
  dest_labels: 'app=api',
  protocol: 'tcp',
  dest_port: 8080,
  reporter: 'Src',
  policies: { enforced: [], pending: [] },
};
const whisker = (changes: object = {}): string => JSON.stringify({ ...whiskerFlow, ...changes });

const enterpriseFlow = {
  host: 'node-1',
  start_time: 1_772_359_200,
  end_time: 1_772_359_500,
  action: 'allow',
  reporter: 'src',
  source_type: 'wep',
  source_name: '-',
  source_name_aggr: 'web-7857758574-*',
  source_namespace: 'shop',
  source_ip: null,
  source_port: null,
  source_labels: { labels: ['app=web', 'projectcalico.org/orchestrator=k8s'] },
  dest_type: 'wep',
  dest_name: 'api-6d4b9c7f5d-x2k4q',
  dest_name_aggr: 'api-6d4b9c7f5d-*',
  dest_namespace: 'shop',
  dest_ip: '10.244.2.7',
  dest_port: 8080,
  dest_labels: { labels: ['app=api'] },
  dest_domains: null,
  proto: 'tcp',
  num_flows: 3,
};
const enterprise = (changes: object = {}): string => JSON.stringify({ ...enterpriseFlow, ...changes });
const publicNetwork = { dest_type: 'net', dest_name: '-', dest_namespace: '-', dest_labels: null };

export const calicoTraps: readonly Trap[] = [
  {
    trap: 'a flow whose protocol was left out may be any, and one of another protocol is none',
    lines: [goldmane({ proto: '' }), goldmane({ proto: undefined }), goldmane({ proto: 'vrrp' })],
    flows: [],
    leftOut: {
      'lines of protocols other than TCP, UDP, SCTP and ICMP': 1,
      'lines that do not name their protocol': 2,
    },
  },
  { trap: 'Goldmane in numbers', lines: [goldmane()], flows: [webToApi] },
  { trap: 'Goldmane’s stream', lines: [`{"id":1,"flow":${goldmane()}}`], flows: [webToApi] },
  {
    trap: 'Goldmane’s stream client indents',
    lines: [JSON.stringify(JSON.parse(goldmane()), undefined, '  ')],
    flows: [webToApi],
  },
  {
    trap: 'Goldmane in protojson: names, texts and camel case',
    lines: [
      JSON.stringify({
        key: {
          sourceName: key.source_name,
          sourceNamespace: 'shop',
          sourceType: 'WorkloadEndpoint',
          destName: key.dest_name,
          destNamespace: 'shop',
          destType: 'WorkloadEndpoint',
          destPort: '8080',
          proto: 'TCP',
          action: 'Allow',
        },
        startTime: '1772359200',
        sourceLabels: ['app=web'],
      }),
    ],
    flows: [webToApi],
  },
  {
    trap: 'both reporters of Calico: denied at one end is denied',
    lines: [goldmane(), goldmane({ reporter: 2, action: 2 })],
    flows: [webToApi.replace('happened', 'denied+happened')],
  },
  {
    trap: 'networks of Calico: public is outside, private is unresolved',
    lines: ['pub', 'pvt'].map((name) => goldmane({ dest_type: 4, dest_name: name, dest_namespace: '' })),
    flows: [
      `${web} > outside TCP 8080 happened`,
      `${web} > unresolved (a private network: a node, the API server or a host outside) TCP 8080 happened`,
    ],
  },
  {
    trap: 'a Pod with the name of a network',
    lines: [goldmane({ dest_name: 'pub' })],
    flows: [`${web} > shop/pod/pub TCP 8080 happened`],
  },
  {
    trap: 'a host endpoint and a set of networks',
    lines: [
      goldmane({ source_type: 2, source_name: 'node-1', source_namespace: '' }),
      goldmane({ dest_type: 3, dest_name: 'set', dest_namespace: '-' }),
    ],
    flows: [
      `${web} > unresolved (a NetworkSet of Calico) TCP 8080 happened`,
      'unresolved (a host endpoint of Calico: the node of the Pod, or another one) > shop/pod/api-6d4b9c7f5d-* TCP 8080 happened',
    ],
  },
  {
    trap: 'ICMP of Calico has port 0, and TCP with port 0 has none',
    lines: [goldmane({ proto: 'icmp', dest_port: 0 }), goldmane({ dest_port: undefined })],
    flows: [webToApi.replace('TCP 8080', 'ICMP 0')],
    leftOut: { 'lines without a destination port': 1 },
  },
  { trap: 'Whisker: a flow', lines: [whisker()], flows: [webToApi] },
  {
    trap: 'Whisker: a page',
    lines: [`{"total":{"totalPages":1},"items":[${whisker()},${whisker()}]}`],
    flows: [webToApi],
  },
  {
    trap: 'Whisker: server-sent events',
    lines: [': hello', 'event: flow', `data: ${whisker()}`, '', `data: ${whisker()}`, ''],
    flows: [webToApi],
  },
  {
    trap: 'Whisker: networks, which have no type',
    lines: ['PUBLIC NETWORK', 'PRIVATE NETWORK'].map((name) =>
      whisker({ dest_name: name, dest_namespace: '-', dest_labels: '' }),
    ),
    flows: [
      `${web} > outside TCP 8080 happened`,
      `${web} > unresolved (a private network: a node, the API server or a host outside) TCP 8080 happened`,
    ],
  },
  {
    trap: 'Enterprise: aggregated names, and both reporters',
    lines: [enterprise(), enterprise({ reporter: 'dst', action: 'deny' })],
    flows: [`${web} > shop/pod/api-6d4b9c7f5d-x2k4q TCP 8080 denied+happened`],
  },
  {
    trap: 'Enterprise: as Elasticsearch gives it',
    lines: [`{"_index":"flows","_source":${enterprise()}}`],
    flows: [`${web} > shop/pod/api-6d4b9c7f5d-x2k4q TCP 8080 happened`],
  },
  {
    trap: 'Enterprise: outside by address, by domain, and the metadata service',
    lines: [
      enterprise({ ...publicNetwork, dest_name_aggr: 'pub', dest_ip: '203.0.113.7' }),
      enterprise({ ...publicNetwork, dest_name_aggr: 'pub', dest_ip: null, dest_domains: ['api.example.com'] }),
      enterprise({ ...publicNetwork, dest_name_aggr: 'pvt', dest_ip: '169.254.169.254' }),
      enterprise({ ...publicNetwork, dest_name_aggr: 'pvt', dest_ip: '10.1.2.3' }),
    ],
    flows: [
      `${web} > outside 169.254.169.254 TCP 8080 happened`,
      `${web} > outside 203.0.113.7 TCP 8080 happened`,
      `${web} > outside api.example.com TCP 8080 happened`,
      `${web} > unresolved (a private network: a node, the API server or a host outside) TCP 8080 happened`,
    ],
  },
];
