import type { Observation } from '../flows/record.ts';
import type { Note } from '../reach/note.ts';
import type { Candidate } from './candidates.ts';
import type { End } from './end.ts';
import type { Plan } from './plan.ts';
import { byKey, byText } from './text-order.ts';
import type { JudgedFlow, WrittenPolicy } from './writer.ts';

/** A plan as data: what `-o json` prints (schemas/plan.schema.json). */
export interface PlanData {
  readonly namespace: string;
  /** Null without a log. */
  readonly observed: ObservedData | null;
  readonly flows: readonly FlowData[];
  /** The names of the policies that are written in the namespace. */
  readonly policies: readonly string[];
  /** Those that are written for the other end, as `namespace/name`. */
  readonly otherPolicies: readonly string[];
  /** Declared flows that the log does not show. They have no fate. */
  readonly unseen: readonly UnseenData[];
  readonly notes: readonly Note[];
}

export interface ObservedData {
  readonly malformed: number;
  readonly lost: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly nodes: readonly string[];
  readonly namespaces: readonly string[];
  readonly holes: readonly string[];
  /** Fields that no line had, so that nothing is decided about them. */
  readonly notDecided: readonly string[];
  /** How many lines were not placed, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

export interface FlowData {
  readonly from: End;
  readonly to: End;
  readonly protocol: string;
  readonly port: number;
  readonly seen: boolean;
  readonly declared: boolean;
  readonly today: string;
  readonly fate: string;
  readonly side?: string;
  /** Of a forbidden flow: whether the fence cuts it. */
  readonly cutByFence?: boolean;
  readonly by: readonly string[];
  readonly reason: string;
  readonly declaredBy?: readonly string[];
  readonly sightings?: number;
  readonly first?: string;
  readonly last?: string;
  /** The policies that keep it if they are applied. */
  readonly writtenIn?: readonly string[];
  /** Why no policy is written for a flow that is cut. */
  readonly unwritten?: string;
  /** What could not be decided about it. */
  readonly notDecided?: string;
  readonly pendingDeny?: true;
  readonly dropped?: true;
}

export interface UnseenData {
  readonly from: End;
  readonly to: End;
  readonly protocol: string;
  readonly port: number;
  readonly declaredBy: readonly string[];
}

/** The data of a plan. */
export function planData(
  plan: Plan,
  observation: Observation | undefined,
  leftOut: ReadonlyMap<string, number>,
  notes: readonly Note[],
): PlanData {
  const { namespace, policies } = plan;
  const names = (isOwn: boolean): readonly WrittenPolicy[] =>
    policies.filter(({ policy }) => (policy.metadata.namespace === namespace) === isOwn);
  return {
    namespace,
    observed: observation === undefined ? null : observedData(observation, leftOut),
    flows: plan.flows.map((flow) => flowData(flow, plan, observation)),
    policies: names(true).map((one) => nameIn(one, namespace)),
    otherPolicies: names(false).map((one) => nameIn(one, namespace)),
    unseen: plan.unseen.map(unseenData),
    notes,
  };
}

function observedData(observation: Observation, leftOut: ReadonlyMap<string, number>): ObservedData {
  const { malformed, lost, window, nodes, namespaces, holes, neverSeen } = observation;
  return {
    malformed,
    lost,
    first: window?.first ?? null,
    last: window?.last ?? null,
    nodes: [...nodes].sort(byText),
    namespaces: [...namespaces].sort(byText),
    holes,
    notDecided: neverSeen,
    leftOut: Object.fromEntries([...leftOut].sort(byKey)),
  };
}

function flowData(flow: JudgedFlow, plan: Plan, observation: Observation | undefined): FlowData {
  const { candidate, fate } = flow;
  const { from, to, protocol, port, seen, declaredBy, sightings, first, last } = candidate;
  const writtenIn = plan.policies.filter(({ flows }) => flows.includes(flow)).map((one) => nameIn(one, plan.namespace));
  const unwritten = plan.unwritten.get(flow);
  const missing = observation?.neverSeen ?? [];
  return {
    from,
    to,
    protocol,
    port,
    seen,
    declared: declaredBy.length > 0,
    today: fate.today,
    fate: fate.fate,
    ...(fate.side === undefined ? {} : { side: fate.side }),
    ...(fate.isCut === undefined ? {} : { cutByFence: fate.isCut }),
    by: fate.by.map((name) => withoutHome(name, plan.namespace)),
    reason: fate.reason,
    ...(declaredBy.length === 0 ? {} : { declaredBy }),
    ...(seen ? { sightings } : {}),
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    ...(writtenIn.length === 0 ? {} : { writtenIn }),
    ...(unwritten === undefined ? {} : { unwritten }),
    ...(seen || missing.length === 0 ? {} : { notDecided: `whether it was seen: no line had ${missing.join(', ')}` }),
    ...(candidate.isPendingDeny ? { pendingDeny: true as const } : {}),
    ...(candidate.isDropped ? { dropped: true as const } : {}),
  };
}

function unseenData({ from, to, protocol, port, declaredBy }: Candidate): UnseenData {
  return { from, to, protocol, port, declaredBy };
}

/** The name of a policy: alone in the namespace of the plan, with its namespace elsewhere. */
export function nameIn({ policy: { metadata } }: WrittenPolicy, home: string): string {
  return withoutHome(`${metadata.namespace ?? ''}/${metadata.name ?? ''}`, home);
}

function withoutHome(name: string, home: string): string {
  return name.startsWith(`${home}/`) ? name.slice(home.length + 1) : name;
}
