import { ConnectionSample, numberOf } from './connections.ts';
import { createEnds, keyOfEnd } from './ends.ts';
import type { MetEnd, SeenEnd, Sighting } from './intake.ts';
import { createJoin } from './join.ts';
import { byText } from './order.ts';
import { isEphemeral, reconcile } from './reconcile.ts';
import type { Flow, FlowEnd, FlowVerdict } from './record.ts';
import { earlier, later } from './times.ts';

/** Connections to Pods that are remembered: about 5 MB. */
const podConnections = 2 ** 17;
/** Connections that each flow to the address of a Service remembers. */
const serviceConnections = 2 ** 7;

/** What the lines of one flow have in common, and the sum of the rest. */
interface Entry {
  readonly from: MetEnd;
  readonly to: MetEnd;
  readonly sum: Sum;
  /** Of a flow to the address of a Service. */
  readonly connections: ConnectionSample | undefined;
}

interface Sum extends Omit<Flow, 'from' | 'to'> {
  port: number;
  sourcePort: number | undefined;
  readonly verdicts: Set<FlowVerdict>;
  sightings: number;
  first: string | undefined;
  last: string | undefined;
  pendingDeny?: boolean;
}

/** The flows of all lines, each once. Its memory grows with the flows, not with the lines. */
export interface Ledger {
  meet(seen: SeenEnd): MetEnd;
  add(sighting: Sighting): void;
  /** The flows in a stable order, completed by what other lines say about their ends. */
  flows(): readonly Flow[];
  /** Whether there were more outside addresses than are told apart. */
  hasJoinedAddresses(): boolean;
  /** Lines of flows beyond the limit. */
  beyond(): number;
}

/** @param mostFlows - of more flows, only the lines are counted */
export function createLedger(mostFlows = Number.POSITIVE_INFINITY): Ledger {
  const ends = createEnds();
  const entries = new Map<string, Entry>();
  const toPods = new ConnectionSample(podConnections);
  let beyond = 0;
  return {
    meet: (seen) => ends.meet(seen),
    add(sighting) {
      const key = keyOf(sighting);
      const known = entries.get(key);
      if (known === undefined && entries.size >= mostFlows) {
        beyond += 1;
        return;
      }
      const entry = known ?? createEntry(sighting);
      if (known === undefined) entries.set(key, entry);
      else addTo(entry.sum, { ...sighting, verdicts: [sighting.verdict], sightings: sighting.count });
      remember(sighting, entry.connections, toPods);
    },
    flows() {
      const join = createJoin(ends);
      const flows = new Map<string, Omit<Sum, never> & { from: FlowEnd; to: FlowEnd }>();
      for (const { from, to, sum, connections } of entries.values()) {
        // The same connection is there with the Pod behind the Service, and with the Pod's port.
        if (connections?.meets(toPods) === true) continue;
        const joined = { ...sum, from: join(from), to: join(to) };
        const key = `${keyOfEnd(joined.from)} > ${keyOfEnd(joined.to)} ${sum.protocol} ${portKey(joined)}`;
        const known = flows.get(key);
        if (known === undefined) flows.set(key, { ...joined, verdicts: new Set(sum.verdicts) });
        else {
          addTo(known, joined);
          known.from = firstNamed(known.from, joined.from);
          known.to = firstNamed(known.to, joined.to);
        }
      }
      return reconcile([...flows].sort(([a], [b]) => byText(a, b)).map(([, flow]) => flow));
    },
    hasJoinedAddresses: ends.hasJoinedAddresses,
    beyond: () => beyond,
  };
}

function keyOf(sighting: Sighting): string {
  return `${sighting.from.id}>${sighting.to.id} ${sighting.protocol} ${portKey(sighting)}`;
}

/**
 * The port, on which a flow depends. Without direction it may be the port of a client, which is
 * another one for each connection: all ephemeral ones count as one.
 */
function portKey({ port, sourcePort, isDirected }: Pick<Flow, 'port' | 'sourcePort' | 'isDirected'>): string {
  if (isDirected) return String(port);
  return `${isEphemeral(port) ? '*' : port} from ${sourcePort !== undefined && isEphemeral(sourcePort) ? '*' : sourcePort}`;
}

function createEntry({ from, to, verdict, count, ...sighting }: Sighting): Entry {
  const { protocol, port, sourcePort, isDirected, first, last, pendingDeny } = sighting;
  return {
    from,
    to,
    connections: to.end.kind === 'service' ? new ConnectionSample(serviceConnections) : undefined,
    sum: {
      protocol,
      port,
      sourcePort: isDirected ? undefined : sourcePort,
      isDirected,
      verdicts: new Set([verdict]),
      sightings: count,
      first,
      last,
      ...(pendingDeny === undefined ? {} : { pendingDeny }),
    },
  };
}

type Addend = Pick<Sum, 'port' | 'sourcePort' | 'sightings' | 'first' | 'last' | 'isDirected'> & {
  readonly verdicts: Iterable<FlowVerdict>;
  readonly pendingDeny?: boolean;
};

function addTo(sum: Sum, addend: Addend): void {
  for (const verdict of addend.verdicts) sum.verdicts.add(verdict);
  sum.sightings += addend.sightings;
  sum.first = earlier(sum.first, addend.first);
  sum.last = later(sum.last, addend.last);
  if (addend.pendingDeny !== undefined) sum.pendingDeny = sum.pendingDeny === true || addend.pendingDeny;
  if (sum.isDirected) return;
  sum.port = Math.min(sum.port, addend.port);
  if (addend.sourcePort !== undefined)
    sum.sourcePort = Math.min(sum.sourcePort ?? addend.sourcePort, addend.sourcePort);
}

/**
 * Remembers the connection of a line. The address and the port of its source stay the same when
 * the address of a Service becomes that of a Pod. The Pod is in the namespace of the Service; the
 * API server is a node, which has none.
 */
function remember(
  { from, to, protocol, isDirected, sourceAddress, sourcePort }: Sighting,
  connections: ConnectionSample | undefined,
  toPods: ConnectionSample,
): void {
  if (sourceAddress === undefined || sourcePort === undefined || from.end.kind === 'outside') return;
  const connection = `${protocol} ${sourceAddress} ${sourcePort} `;
  const { end } = to;
  if (end.kind === 'service') {
    connections?.add(numberOf(connection + end.namespace));
    connections?.add(numberOf(connection));
  } else if (end.kind === 'pod') {
    if (isDirected) toPods.add(numberOf(connection + end.namespace));
  } else if ((end.kind === 'apiserver' || end.kind === 'node') && isDirected) toPods.add(numberOf(connection));
}

/** Of two ends with the same key, the one whose name comes first. */
function firstNamed(one: FlowEnd, other: FlowEnd): FlowEnd {
  if (one.kind !== 'pod' || other.kind !== 'pod' || other.name === undefined) return one;
  return one.name === undefined || other.name < one.name ? other : one;
}
