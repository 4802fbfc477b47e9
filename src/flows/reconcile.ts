import { keyOfEnd } from './ends.ts';
import type { Flow, FlowEnd } from './record.ts';

/**
 * Whether Linux may give the port to a connection (net.ipv4.ip_local_port_range begins at 32768):
 * such a number says nothing about the service behind it.
 */
export function isEphemeral(port: number): boolean {
  return port >= 32_768;
}

/**
 * Leaves out flows without direction that flows with a direction explain: the same one, or its
 * replies, which come from the port that it goes to.
 */
export function reconcile(flows: readonly Flow[]): readonly Flow[] {
  const directed = new Set(
    flows.flatMap((flow) => (flow.isDirected ? [keyOf(flow.from, flow.to, flow.protocol, flow.port)] : [])),
  );
  if (directed.size === flows.length) return flows;
  return flows.filter(
    ({ isDirected, from, to, protocol, port, sourcePort }) =>
      isDirected ||
      !(
        directed.has(keyOf(from, to, protocol, port)) ||
        (sourcePort !== undefined && directed.has(keyOf(to, from, protocol, sourcePort)))
      ),
  );
}

function keyOf(from: FlowEnd, to: FlowEnd, protocol: string, port: number): string {
  return `${keyOfEnd(from)} > ${keyOfEnd(to)} ${protocol} ${port}`;
}
