import { withoutDirection } from '../flows/left-out.ts';
import type { Flow, Observation } from '../flows/record.ts';
import { readAddress } from '../network/address.ts';
import type { Protocol } from '../network/rules.ts';
import type { Declaration } from './declarations.ts';
import { type End, keyOfEnd } from './end.ts';
import { keyOfParty, type Party } from './party.ts';
import type { Placed, Placer } from './placer.ts';
import { byKey, byText } from './text-order.ts';

/** A flow between two ends, before anything is decided about it. Each stands once. */
export interface Candidate {
  readonly from: End;
  readonly to: End;
  readonly protocol: Protocol | 'ICMP';
  /** The port of the Pods; 0 for ICMP. */
  readonly port: number;
  readonly seen: boolean;
  /** What declares it; empty if nothing does. */
  readonly declaredBy: readonly string[];
  /** Whether an object names both ends. */
  readonly isFirm: boolean;
  /** What stands behind the two ends: several if a log shows different Pods or addresses. */
  readonly pairs: readonly Pair[];
  readonly sightings: number;
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** Whether a plugin only audited it: denied on paper, and passing in fact. */
  readonly isAudited: boolean;
  /** Whether a staged policy of Calico would deny it. */
  readonly isPendingDeny: boolean;
  /** Whether every line of it says that it was dropped. */
  readonly isDropped: boolean;
  readonly why: string | undefined;
}

export interface Pair {
  readonly from: Party;
  readonly to: Party;
}

/** The flows of a log and of the manifests, and how many flows of the log were left out, by why. */
export interface Candidates {
  readonly all: readonly Candidate[];
  /** Each flow of the log that was not left out. */
  readonly placed: readonly PlacedFlow[];
  readonly leftOut: ReadonlyMap<string, number>;
}

/** The first port that systems give to clients by themselves (Linux ip_local_port_range). */
export const firstEphemeralPort = 32_768;

/** Joins what was seen with what is declared. */
export function collectCandidates(
  observation: Observation | undefined,
  declarations: readonly Declaration[],
  placer: Placer,
): Candidates {
  const drafts = new Map<string, Draft>();
  const leftOut = new Map<string, number>(observation?.leftOut ?? []);
  const draftOf = (pair: Pair, protocol: Candidate['protocol'], port: number): Draft => {
    const key = `${keyOfEnd(pair.from.end)} ${keyOfEnd(pair.to.end)} ${protocol} ${port}`;
    const draft = drafts.get(key) ?? newDraft(pair, protocol, port);
    drafts.set(key, draft);
    draft.pairs.set(`${keyOfParty(pair.from)} ${keyOfParty(pair.to)}`, pair);
    return draft;
  };
  const placed = placeAll(observation?.flows ?? [], placer, leftOut);
  for (const { flow, pairs } of placed)
    for (const { from, to, port } of pairs)
      addSighting(draftOf({ from, to }, flow.protocol, flow.protocol === 'ICMP' ? 0 : port), flow);
  for (const { from, to, protocol, port, by, isFirm } of declarations) {
    const draft = draftOf({ from, to }, protocol, port);
    draft.declaredBy.add(by);
    draft.isFirm ||= isFirm;
  }
  const all = [...drafts.values()].map(({ pairs, declaredBy, verdicts, whys, ...draft }): Candidate => {
    const offered = [...pairs.values()].some(({ to }) => offers(to, draft.protocol, draft.port));
    if (offered && draft.seen) declaredBy.add('containerPort');
    return {
      ...draft,
      declaredBy: [...declaredBy].sort(byText),
      pairs: [...pairs.entries()].sort(byKey).map(([, pair]) => pair),
      isAudited: verdicts.has('would-be-denied'),
      isDropped: draft.seen && [...verdicts].every((verdict) => verdict === 'denied'),
      why: [...whys].sort(byText)[0],
    };
  });
  return { all, placed, leftOut };
}

interface Draft {
  readonly from: End;
  readonly to: End;
  readonly protocol: Candidate['protocol'];
  readonly port: number;
  readonly pairs: Map<string, Pair>;
  readonly declaredBy: Set<string>;
  readonly verdicts: Set<string>;
  readonly whys: Set<string>;
  seen: boolean;
  isFirm: boolean;
  isPendingDeny: boolean;
  sightings: number;
  first: string | undefined;
  last: string | undefined;
}

function newDraft({ from, to }: Pair, protocol: Candidate['protocol'], port: number): Draft {
  const state = { seen: false, isFirm: false, isPendingDeny: false, sightings: 0, first: undefined, last: undefined };
  const sets = {
    pairs: new Map(),
    declaredBy: new Set<string>(),
    verdicts: new Set<string>(),
    whys: new Set<string>(),
  };
  return { from: from.end, to: to.end, protocol, port, ...sets, ...state };
}

function addSighting(draft: Draft, flow: Flow): void {
  draft.seen = true;
  draft.sightings += flow.sightings;
  for (const verdict of flow.verdicts) draft.verdicts.add(verdict);
  draft.isPendingDeny ||= flow.pendingDeny === true;
  if (flow.first !== undefined && (draft.first === undefined || flow.first < draft.first)) draft.first = flow.first;
  if (flow.last !== undefined && (draft.last === undefined || flow.last > draft.last)) draft.last = flow.last;
  for (const { from, to } of draft.pairs.values()) for (const { why } of [from, to]) if (why) draft.whys.add(why);
}

/** A flow of a log, and what its ends are in the manifests. */
export interface PlacedFlow {
  readonly flow: Flow;
  readonly pairs: readonly (Pair & { readonly port: number })[];
}

/**
 * Places the ends of every flow. The address of a Service may lead to several workloads: those that
 * the same source reaches by their own addresses are then the ones.
 */
function placeAll(flows: readonly Flow[], placer: Placer, leftOut: Map<string, number>): readonly PlacedFlow[] {
  const leaveOut = ({ protocol, sightings }: Flow): readonly never[] => {
    const why = withoutDirection(protocol);
    leftOut.set(why, (leftOut.get(why) ?? 0) + sightings);
    return [];
  };
  const placed = flows.flatMap((flow): readonly (PlacedFlow & { readonly isTranslated: boolean })[] => {
    const around = { protocol: flow.protocol, port: flow.port, last: flow.last };
    const isTranslated = leadsToService(flow, placer);
    if (!flow.isDirected && !isService(flow, isTranslated)) return leaveOut(flow);
    const [first] = placer.place(flow.to, { ...around, others: [] });
    const [from] = placer.place(flow.from, { ...around, others: first?.party.pods ?? [] });
    if (from === undefined) return [];
    const to = placer.place(flow.to, { ...around, others: from.party.pods });
    if (!flow.isDirected && to.some(({ party }) => party.end.kind === 'unresolved')) return leaveOut(flow);
    return [
      { flow, pairs: to.map((one: Placed) => ({ from: from.party, to: one.party, port: one.port })), isTranslated },
    ];
  });
  const direct = new Set(
    placed
      .filter(({ isTranslated }) => !isTranslated)
      .flatMap(({ flow, pairs }) => pairs.map((pair) => keyOf(flow, pair))),
  );
  return placed.map(({ flow, pairs, isTranslated }) => {
    const met = isTranslated && pairs.length > 1 ? pairs.filter((pair) => direct.has(keyOf(flow, pair))) : [];
    return { flow, pairs: met.length > 0 ? met : pairs };
  });
}

function keyOf({ protocol }: Flow, { from, to, port }: Pair & { readonly port: number }): string {
  return `${keyOfEnd(from.end)} ${keyOfEnd(to.end)} ${protocol} ${port}`;
}

function leadsToService({ to }: Flow, placer: Placer): boolean {
  if (to.kind === 'service') return true;
  const text = to.kind === 'address' || to.kind === 'outside' ? to.address : undefined;
  const address = text === undefined ? undefined : readAddress(text);
  return address !== undefined && placer.serviceAt(address) !== undefined;
}

/**
 * A datagram from an ephemeral port to a port of a Service is a request, also where the log gives
 * no direction.
 */
function isService({ protocol, sourcePort }: Flow, isTranslated: boolean): boolean {
  return protocol === 'UDP' && isTranslated && sourcePort !== undefined && sourcePort >= firstEphemeralPort;
}

/** Whether the manifests offer a port: a container declares it. */
export function offers({ target, pods }: Party, protocol: string, port: number): boolean {
  const workload = target?.kind === 'pods' ? target.workload : undefined;
  return [...(workload?.ports ?? []), ...pods.flatMap((pod) => pod.ports)].some(
    (one) => one.protocol === protocol && one.port === port,
  );
}
