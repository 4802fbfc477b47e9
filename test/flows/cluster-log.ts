// The log of a cluster as one of its nodes writes it, of any length: 40 namespaces with 10
// workloads each, their Pods on two nodes, both nodes' sightings, replies, DNS, Services' addresses,
// drops, the world and lost events. Lines have 1.4 KB, as those of a real cluster.
import { flowOf, podOf, reserved, tcp, udp, undirected } from './hubble-lines.ts';

const namespaces = 40;
const workloads = 10;
const acks = { ACK: true, PSH: true };
/** Fields that real lines have and that nobody reads. */
const ballast = {
  uuid: '8c8c7c4e-6f1d-4f0e-9c55-3b5c3f9d2a11',
  node_labels: ['beta.kubernetes.io/arch=amd64', 'beta.kubernetes.io/os=linux', 'kubernetes.io/os=linux'],
  interface: { index: 12, name: 'lxc8f2c1a9d3e4b' },
  egress_allowed_by: [{ name: 'allow-api-egress', namespace: 'shop', revision: '17', labels: ['k8s:app=web'] }],
};

/** The lines of `count` flows, one after the other. The same for the same count. */
export function* clusterLog(count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) yield lineAt(index);
}

function lineAt(index: number): string {
  if (index % 50_000 === 49_999)
    return JSON.stringify({
      lost_events: { source: 'PERF_EVENT_RING_BUFFER', num_events_lost: '7' },
      node_name: 'node-1',
    });
  const second = Math.floor(index / 40);
  const time = new Date(Date.UTC(2026, 2, 1) + second * 1000 + (index % 997)).toISOString();
  const flow = flowOf({ ...ballast, time, ...kinds[index % kinds.length]?.(index) });
  return JSON.stringify({ flow, node_name: flow['node_name'], time });
}

/** A number that differs from line to line, without a pattern. */
function scatter(index: number, below: number): number {
  return (Math.imul(index + 1, 2_654_435_761) >>> 8) % below;
}

function pod(index: number, isLocal: boolean): ReturnType<typeof podOf> {
  const namespace = `team-${scatter(index, namespaces)}`;
  return podOf(`app-${scatter(index * 7, workloads)}`, {
    namespace,
    isLocal,
    suffix: `p${scatter(index * 3, 20)}x4q`.padStart(5, 'b'),
  });
}

const port = (index: number): number => 8080 + scatter(index, 4);
const client = (index: number): number => 32_768 + scatter(index, 28_000);
const addressOf = (index: number): string => `10.244.${scatter(index, 200)}.${scatter(index * 11, 250)}`;
const between = (index: number) => ({
  IP: { source: addressOf(index), destination: addressOf(index * 5), ipVersion: 'IPv4' },
});

const kinds: readonly ((index: number) => object)[] = [
  (index) => ({
    ...between(index),
    source: pod(index, true),
    destination: pod(index * 13, false),
    l4: tcp(port(index), acks, client(index)),
  }),
  (index) => ({
    ...between(index),
    source: pod(index * 13, false),
    destination: pod(index, true),
    is_reply: true,
    l4: tcp(client(index), acks, port(index)),
  }),
  (index) => ({
    ...between(index),
    source: pod(index, false),
    destination: pod(index * 13, true),
    node_name: 'default/node-2',
    traffic_direction: 'INGRESS',
    l4: tcp(port(index), acks, client(index)),
  }),
  (index) => ({
    ...between(index),
    ...undirected,
    source: pod(index, true),
    destination: reserved(2, 'world'),
    destination_service: {
      name: `app-${scatter(index * 7, workloads)}`,
      namespace: `team-${scatter(index, namespaces)}`,
    },
    l4: tcp(80, { SYN: true }, client(index)),
  }),
  (index) => ({
    ...between(index),
    ...undirected,
    source: pod(index, true),
    destination: podOf('coredns', { namespace: 'kube-system', isLocal: false }),
    l4: udp(53, client(index)),
  }),
  (index) => ({
    ...between(index),
    source: pod(index, true),
    destination: podOf('coredns', { namespace: 'kube-system', isLocal: false }),
    l4: udp(53, client(index)),
  }),
  (index) => ({
    source: pod(index, true),
    destination: reserved(2, 'world'),
    destination_names: [`host-${scatter(index, 50)}.example.com`],
    IP: { source: addressOf(index), destination: `203.0.113.${scatter(index, 250)}` },
    l4: tcp(443, acks, client(index)),
  }),
  (index) => ({
    ...between(index),
    source: pod(index, true),
    destination: pod(index * 17, false),
    verdict: 'DROPPED',
    drop_reason_desc: 'POLICY_DENIED',
    is_reply: undefined,
    l4: tcp(port(index), { SYN: true }, client(index)),
  }),
];
