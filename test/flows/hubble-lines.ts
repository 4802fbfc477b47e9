// Lines of Hubble as a cluster writes them: flow.proto in protojson, in which zero values are left
// out. Tests and the benchmark change single fields of them.

type Json = { readonly [key: string]: unknown };

interface PodOptions {
  readonly namespace?: string;
  /** Whether the Pod is on the node that reports: only then Cilium gives its ID and workload. */
  readonly isLocal?: boolean;
  readonly workload?: { readonly kind: string; readonly name: string };
  readonly suffix?: string;
  readonly labels?: readonly string[];
}

/** An endpoint of a Pod with the label `app`. */
export function podOf(app: string, options: PodOptions = {}): Json {
  const { namespace = 'shop', isLocal = true, workload = { kind: 'Deployment', name: app }, suffix } = options;
  const local = { ID: 700 + app.length, workloads: [workload] };
  return {
    ...(isLocal ? local : {}),
    identity: 20_000 + app.length,
    cluster_name: 'default',
    namespace,
    labels: options.labels ?? [
      `k8s:app=${app}`,
      `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
      `k8s:io.cilium.k8s.namespace.labels.tier=${app}`,
      'k8s:io.cilium.k8s.policy.cluster=default',
      `k8s:io.cilium.k8s.policy.serviceaccount=${app}`,
      `k8s:io.kubernetes.pod.namespace=${namespace}`,
    ],
    pod_name: `${app}-7857758574-${suffix ?? 'x2k4q'}`,
  };
}

/** An endpoint that is no Pod, by its reserved identity. */
export function reserved(identity: number, ...labels: readonly string[]): Json {
  return { identity, labels: labels.map((label) => (label.includes(':') ? label : `reserved:${label}`)) };
}

export const tcp = (port: number, flags: Json | undefined = { SYN: true }, from = 43_210): Json => ({
  TCP: { source_port: from, destination_port: port, ...(flags === undefined ? {} : { flags }) },
});
export const udp = (port: number, from = 43_210): Json => ({ UDP: { source_port: from, destination_port: port } });

/** The fields that say who began, as lines of an unknown direction lack them. */
export const undirected = { is_reply: undefined, traffic_direction: undefined, trace_reason: undefined };

export const dns = podOf('dns', { namespace: 'kube-system', isLocal: false });

/** A flow from web to api, both on the node that reports, with some fields changed or removed. */
export function flowOf(changes: Json = {}): Json {
  const flow: Json = {
    time: '2026-03-01T10:00:00.123456789Z',
    uuid: '8c8c7c4e-0000-4000-8000-000000000000',
    verdict: 'FORWARDED',
    ethernet: { source: '0a:58:0a:f4:01:05', destination: '0a:58:0a:f4:02:07' },
    IP: { source: '10.244.1.5', destination: '10.244.2.7', ipVersion: 'IPv4' },
    l4: tcp(8080),
    source: podOf('web'),
    destination: podOf('api', { isLocal: false }),
    Type: 'L3_L4',
    node_name: 'default/node-1',
    event_type: { type: 4, sub_type: 3 },
    traffic_direction: 'EGRESS',
    trace_observation_point: 'TO_STACK',
    trace_reason: 'NEW',
    is_reply: false,
    Summary: 'TCP Flags: SYN',
    ...changes,
  };
  return Object.fromEntries(Object.entries(flow).filter(([, value]) => value !== undefined));
}

/** The line of a flow in the wrapper of `hubble observe -o jsonpb`. */
export function lineOf(changes: Json = {}): string {
  const flow = flowOf(changes);
  return JSON.stringify({ flow, node_name: flow['node_name'], time: flow['time'] });
}
