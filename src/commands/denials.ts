import { setTimeout } from 'node:timers/promises';
import type { DenialLog, Denials, DeniedFlow } from '../fencing/denials.ts';
import { type Followed, followLogs } from '../flows/follow.ts';
import type { Sighting } from '../flows/intake.ts';
import type { Flow, FlowEnd } from '../flows/record.ts';
import type { Candidate } from '../plan/candidates.ts';
import { formatEnd, keyOfEnd } from '../plan/end.ts';
import type { Plan } from '../plan/plan.ts';
import { portText } from '../plan/plan-text.ts';
import type { OpenedPlanner } from './plan-source.ts';

/** Two looks a second at a file that grows cost nothing. */
const pauseMs = 500;

/** A scan of ports denies a flow for each. Of more, the lines are counted. */
const mostFlows = 10_000;

/** A new plan waits nine times as long as the last one took: a tenth of the time is enough. */
const restPerPlan = 9;

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
  const keeps = ({ verdict, from, to, last }: Sighting): boolean =>
    verdict === 'denied' &&
    !(last !== undefined && Date.parse(last) < since) &&
    (mayBeIn(from.end, namespace) || mayBeIn(to.end, namespace));
  const pause = (signal: AbortSignal) => setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
  const logs = await followLogs(files, { keeps, mostFlows }, pause);
  const planned = new Set(opened?.planWith(opened.observation, namespace).plan(namespace).flows.map(keyOf));
  let judged: readonly DeniedFlow[] = [];
  let [known, waitsUntil] = [0, 0];

  function judge(flows: Followed['observation'], isLast: boolean): readonly DeniedFlow[] {
    if (opened === undefined) return flows.flows.map((flow) => withoutPlan(flow));
    const beganAt = performance.now();
    const isDue = flows.flows.length > known && beganAt >= waitsUntil;
    if (!isLast && !isDue) return judged;
    known = flows.flows.length;
    judged = deniedIn(opened.planWith(flows, namespace).plan(namespace), planned);
    waitsUntil = performance.now() + restPerPlan * (performance.now() - beganAt);
    return judged;
  }

  const denialsOf = ({ observation, lines, beyond, troubles }: Followed, isLast: boolean): Denials => ({
    flows: judge(observation, isLast),
    lines,
    malformed: observation.malformed,
    lost: observation.lost,
    beyond,
    troubles,
  });
  return { now: () => denialsOf(logs.now(), false), stop: async () => denialsOf(await logs.stop(), true) };
}

/** Only the plan knows who has an address. */
function mayBeIn(end: FlowEnd, namespace: string): boolean {
  if (end.kind === 'pod' || end.kind === 'service') return end.namespace === namespace;
  return end.kind === 'address';
}

function keyOf({ candidate: { from, to, protocol, port } }: { readonly candidate: Candidate }): string {
  return `${keyOfEnd(from)} ${keyOfEnd(to)} ${protocol} ${port}`;
}

function deniedIn({ flows }: Plan, planned: ReadonlySet<string>): readonly DeniedFlow[] {
  return flows
    .filter(({ candidate }) => candidate.seen)
    .map((flow): DeniedFlow => {
      const { candidate, fate } = flow;
      return {
        flow: `${formatEnd(candidate.from)} -> ${formatEnd(candidate.to)} ${portText(candidate)}`,
        times: candidate.sightings,
        fate: fate.fate,
        isPlanned: planned.has(keyOf(flow)),
      };
    });
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
