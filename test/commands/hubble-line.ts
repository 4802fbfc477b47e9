/** A line as `hubble observe -o jsonpb` prints it. */
export function hubbleLine(from: string, to: string, port: number, more: object = {}): string {
  const end = (name: string) => {
    const [namespace, pod, app] = name.split('/');
    return {
      ID: 1,
      identity: 300,
      namespace,
      pod_name: pod,
      labels: [`k8s:app=${app}`, `k8s:io.kubernetes.pod.namespace=${namespace}`],
    };
  };
  return JSON.stringify({
    flow: {
      time: '2026-11-01T10:00:00.000000001Z',
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 40_000, destination_port: port, flags: { SYN: true } } },
      source: end(from),
      destination: end(to),
      Type: 'L3_L4',
      node_name: 'one',
      is_reply: false,
      traffic_direction: 'EGRESS',
      trace_observation_point: 'TO_ENDPOINT',
      ...more,
    },
    node_name: 'one',
    time: '2026-11-01T10:00:00.000000001Z',
  });
}

/** A line about a packet that a policy has denied. */
export function deniedLine(from: string, to: string, port: number, more: object = {}): string {
  const denied = { verdict: 'DROPPED', drop_reason_desc: 'POLICY_DENIED', is_reply: undefined };
  return hubbleLine(from, to, port, { ...denied, ...more });
}
