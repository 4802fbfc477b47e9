import { setTimeout } from 'node:timers/promises';
import type { DenialLog, Denials, DeniedFlow } from '../fencing/denials.ts';
import { type Followed, followLogs } from '../flows/follow.ts';
import type { SeenPacket } from '../flows/intake.ts';
import { unknownKind, unknownVerdict } from '../flows/left-out.ts';
import { joinedAddresses } from '../flows/reading.ts';
import type { Flow, FlowEnd } from '../flows/record.ts';
import type { Candidate, PlacedFlow } from '../plan/candidates.ts';
import { type End, formatEnd, keyOfEnd } from '../plan/end.ts';
import type { Plan, Planner } from '../plan/plan.ts';
import { portText } from '../plan/plan-text.ts';
import { isSomePod } from '../plan/strays.ts';
import type { OpenedPlanner } from './plan-source.ts';

/** Two looks a second at a file that grows cost nothing. */
const pauseMs = 500;

/** A scan of ports denies a flow for each. Of more, the lines are counted. */
const mostFlows = 10_000;

/** A new plan waits nine times as long as the last one took: a tenth of the time is enough. */
const restPerPlan = 9;

/**
 * A line has the time of its node, and the fence that of the API server: a node whose clock is late
 * would lose the denials of its first moments. Lines of a log that is followed are new anyway.
 */
const lateMs = 2 * 60_000;

/** Without these fields nobody knows what was denied. */
const verdictFields: readonly string[] = ['verdict', 'action'];

/** What denials are asked about. */
export interface DenialQuestion {
  readonly files: readonly string[];
  readonly namespace: string;
  /** What is older does not count: milliseconds since 1970. */
  readonly since: number;
  /** The plan; undefined if none could be made. */
  readonly opened: OpenedPlanner | undefined;
}

/** Follows flow logs for what is denied of a namespace, and asks the plan about each flow. */
export async function followDenials({ files, namespace, since, opened }: DenialQuestion): Promise<DenialLog> {
  let [older, unsaid] = [0, 0];
  const keeps = ({ verdict, from, to, last }: SeenPacket): boolean => {
    if (!(mayBeIn(from.end, namespace) || mayBeIn(to.end, namespace))) return false;
    if (verdict === 'unknown') unsaid += 1;
    if (verdict !== 'denied') return false;
    const isOlder = last !== undefined && Date.parse(last) < since - lateMs;
    if (isOlder) older += 1;
    return !isOlder;
  };
  const needs = (field: string): boolean => verdictFields.includes(field);
  const pause = (signal: AbortSignal) => setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
  const logs = await followLogs(files, { keeps, counts: keeps, needs, mostFlows }, pause);
  const planned = new Set(opened && plannedIn(opened.planWith(opened.observation, namespace).plan(namespace)));
  let judged: Judged = { flows: [], leftOut: new Map() };
  let [known, waitsUntil] = [0, 0];

  function judge(seen: Followed['observation'], isLast: boolean): Judged {
    if (opened === undefined) return { flows: seen.flows.map((flow) => withoutPlan(flow)), leftOut: new Map() };
    const beganAt = performance.now();
    const isDue = seen.flows.length > known && beganAt >= waitsUntil;
    if (!isLast && !isDue) return judged;
    known = seen.flows.length;
    // The lines that make no flow are counted as they come.
    const planner = opened.planWith({ ...seen, leftOut: new Map() }, namespace);
    judged = { flows: deniedIn(namespace, planner, planned), leftOut: planner.leftOut };
    waitsUntil = performance.now() + restPerPlan * (performance.now() - beganAt);
    return judged;
  }

  function denialsOf({ observation, lines, beyond, troubles }: Followed, isLast: boolean): Denials {
    const { malformed, lost, holes } = observation;
    const reasons = [...observation.leftOut];
    const { flows, leftOut } = judge(observation, isLast);
    return {
      flows,
      lines,
      malformed,
      lost,
      beyond,
      leftOut: Object.fromEntries([...reasons.filter(([why]) => !wordless.has(why)), ...leftOut]),
      older,
      holes: [
        ...holes.filter((hole) => hole !== joinedAddresses),
        ...reasons.flatMap(([why, count]) => (wordless.has(why) ? [`${count} ${why} may be denials.`] : [])),
        ...(unsaid === 0 ? [] : [`${unsaid} lines do not say what became of their packets.`]),
      ],
      troubles,
    };
  }
  return { now: () => denialsOf(logs.now(), false), stop: async () => denialsOf(await logs.stop(), true) };
}

/** Why lines are left out that do not say whether they are about a denial. */
const wordless: ReadonlySet<string> = new Set([unknownKind, unknownVerdict]);

/** What the plan says of denied flows, and how many lines it can place in no flow, by reason. */
interface Judged {
  readonly flows: readonly DeniedFlow[];
  readonly leftOut: ReadonlyMap<string, number>;
}

/** The flows that a plan knows, also those that no log has shown. */
function plannedIn({ flows, unseen }: Plan): readonly string[] {
  return [...flows, ...unseen.map((candidate) => ({ candidate }))].map(keyOf);
}

/** Only the plan knows who has an address. */
function mayBeIn(end: FlowEnd, namespace: string): boolean {
  if (end.kind === 'pod' || end.kind === 'service') return end.namespace === namespace;
  return end.kind === 'address' || (end.kind === 'unresolved' && isSomePod(end.why));
}

function keyOf({ candidate }: { readonly candidate: Pick<Candidate, 'from' | 'to' | 'protocol' | 'port'> }): string {
  const { from, to, protocol, port } = candidate;
  return `${keyOfEnd(from)} ${keyOfEnd(to)} ${protocol} ${port}`;
}

function deniedIn(namespace: string, planner: Planner, planned: ReadonlySet<string>): readonly DeniedFlow[] {
  const resolved = planner
    .plan(namespace)
    .flows.filter(({ candidate }) => candidate.seen && isResolved(candidate))
    .map((flow): DeniedFlow => {
      const { candidate, fate } = flow;
      return {
        flow: `${formatEnd(candidate.from)} -> ${formatEnd(candidate.to)} ${portText(candidate)}`,
        times: candidate.sightings,
        fate: fate.fate,
        isPlanned: planned.has(keyOf(flow)),
      };
    });
  const unresolved = planner.unresolved(namespace).map(
    (placed): DeniedFlow => ({
      ...asSeen(placed),
      fate: 'undecided',
      isPlanned: placed.pairs.some(({ from, to, port }) =>
        planned.has(keyOf({ candidate: { ...placed.flow, from: from.end, to: to.end, port } })),
      ),
    }),
  );
  const strays = planner.strays(namespace).map(
    (placed): DeniedFlow => ({
      ...asSeen(placed),
      fate: 'unknown',
      isPlanned: false,
      why: 'an end may be a Pod of the namespace that the plan does not know',
    }),
  );
  return [...resolved, ...unresolved, ...strays];
}

function isResolved({ from, to }: Candidate): boolean {
  return from.kind !== 'unresolved' && to.kind !== 'unresolved';
}

/** A flow with the names of the log for ends that are no objects of the cluster. */
function asSeen({ flow, pairs: [pair] }: PlacedFlow): Pick<DeniedFlow, 'flow' | 'times'> {
  const nameOf = (seen: FlowEnd, end: End | undefined): string =>
    end === undefined || end.kind === 'unresolved' || end.kind === 'outside' ? formatSeenEnd(seen) : formatEnd(end);
  return {
    flow: `${nameOf(flow.from, pair?.from.end)} -> ${nameOf(flow.to, pair?.to.end)} ${portText(flow)}`,
    times: flow.sightings,
  };
}

function withoutPlan(flow: Flow): DeniedFlow {
  const text = `${formatSeenEnd(flow.from)} -> ${formatSeenEnd(flow.to)} ${portText(flow)}`;
  return { flow: text, times: flow.sightings, fate: 'unknown', isPlanned: false };
}

/** An end as the log names it. */
function formatSeenEnd(end: FlowEnd): string {
  switch (end.kind) {
    case 'pod':
      return `${end.namespace}/${end.workload === undefined ? (end.name ?? 'a Pod') : `${end.workload.kind.toLowerCase()}/${end.workload.name}`}`;
    case 'service':
      return `${end.namespace}/service/${end.name}`;
    case 'address':
    case 'outside':
      return [...end.names, end.address ?? 'outside'].join(' ');
    case 'unresolved':
      return end.why;
    case 'node':
    case 'apiserver':
    case 'ingress':
      return formatEnd(end);
  }
}
