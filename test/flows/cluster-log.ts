// The log of a cluster as one of its nodes writes it, of any length: 40 namespaces with 10
// workloads each, their Pods on two nodes, both nodes' sightings, replies, DNS, Services,
// drops, the world and lost events. Lines have 1.4 KB, as those of a real cluster.
import { flowOf, podOf, reserved, tcp, udp, undirected } from './hubble-lines.ts';

const namespaces = 40;
const workloads = 10;
const acks = { ACK: true, PSH: true };
/** Fields that real lines have and that nobody reads. */
const ballast = {
  uuid: '8c8c7c4e-6f1d-4f0e-9c55-3b5c3f9d2a11',
  interface: { index: 12, name: 'lxc8f2c1a9d3e4b' },
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
  const flow = flowOf({ ...ballast, ...between(index), time, ...kinds[index % kinds.length]?.(index) });
  return JSON.stringify({ flow, node_name: flow['node_name'], time });
}

/** A number that differs from line to line, without a pattern. */
function scatter(index: number, below: number): number {
  return (Math.imul(index + 1, 2_654_435_761) >>> 8) % below;
}

/** A workload, by its number. It has 20 Pods. */
function podAt(workload: number, index: number, isLocal: boolean): ReturnType<typeof podOf> {
  const namespace = `team-${workload % namespaces}`;
  const suffix = `p${String(scatter(index * 3, 20)).padStart(2, '0')}x4`;
  return podOf(`app-${Math.floor(workload / namespaces)}`, { namespace, isLocal, suffix });
}

/** Who talks to whom: each workload has four neighbours, and each has one port. */
const callerAt = (index: number): number => scatter(index, namespaces * workloads);
const calledAt = (index: number): number =>
  (callerAt(index) * 7 + scatter(index * 5, 4) + 1) % (namespaces * workloads);
const portAt = (index: number): number => 8080 + (calledAt(index) % 4);
const caller = (index: number, isLocal = true): object => podAt(callerAt(index), index, isLocal);
const called = (index: number, isLocal = false): object => podAt(calledAt(index), index, isLocal);
const client = (index: number): number => 32_768 + scatter(index, 28_000);
const addressAt = (index: number): string => `10.244.${scatter(index, 200)}.${scatter(index * 11, 250)}`;
const coredns = podOf('coredns', { namespace: 'kube-system', isLocal: false });

function between(index: number): object {
  return { IP: { source: addressAt(index), destination: addressAt(index * 5), ipVersion: 'IPv4' } };
}

function serviceAt(index: number): object {
  const workload = calledAt(index);
  return { name: `app-${Math.floor(workload / namespaces)}`, namespace: `team-${workload % namespaces}` };
}

const kinds: readonly ((index: number) => object)[] = [
  (index) => ({ source: caller(index), destination: called(index), l4: tcp(portAt(index), acks, client(index)) }),
  (index) => ({
    source: called(index),
    destination: caller(index),
    is_reply: true,
    l4: tcp(client(index), acks, portAt(index)),
  }),
  (index) => ({
    source: caller(index, false),
    destination: called(index, true),
    node_name: 'default/node-2',
    traffic_direction: 'INGRESS',
    l4: tcp(portAt(index), acks, client(index)),
  }),
  (index) => ({
    ...undirected,
    source: caller(index),
    destination: reserved(2, 'world'),
    destination_service: serviceAt(index),
    l4: tcp(80, { SYN: true }, client(index)),
  }),
  (index) => ({ ...undirected, source: caller(index), destination: coredns, l4: udp(53, client(index)) }),
  (index) => ({ source: caller(index), destination: coredns, l4: udp(53, client(index)) }),
  (index) => ({
    source: caller(index),
    destination: reserved(2, 'world'),
    destination_names: [`host-${callerAt(index) % 50}.example.com`],
    IP: { source: addressAt(index), destination: `203.0.113.${callerAt(index) % 250}` },
    l4: tcp(443, acks, client(index)),
  }),
  (index) => ({
    source: caller(index),
    destination: called(index + 1),
    verdict: 'DROPPED',
    drop_reason_desc: 'POLICY_DENIED',
    is_reply: undefined,
    l4: tcp(portAt(index), { SYN: true }, client(index)),
  }),
];
