import { formatPorts, noPorts, type PortSet, portRange, unite, without } from '../network/port-set.ts';
import type { Protocol } from '../network/rules.ts';
import type { Pod } from '../network/world.ts';
import { type Change, type ChangeEnd, compareDesks } from '../reach/change.ts';
import { shorten } from '../reach/table.ts';
import { deskOf } from './desk.ts';
import { type End, keyOfEnd } from './end.ts';
import { type Plan, type Planner, readWritten, withBaselines } from './plan.ts';

/** One difference between two worlds, in words. */
export interface Difference {
  readonly from: string;
  readonly to: string;
  readonly ports: string;
}

/** What a plan does to the flows of its namespace, as the engine says it. */
export interface Proof {
  /** Flows that the fence with the policies closes, of those that are open today. */
  readonly closed: readonly Difference[];
  /** Flows that are open afterwards and were not before. */
  readonly opened: readonly Difference[];
  /**
   * Flows that the policies open behind the baseline, and that no kept or cut flow asks for. They
   * are there if the labels of workloads do not tell them apart.
   */
  readonly beyond: readonly Difference[];
  /** Flows that were to be open, and are not. There are none unless Ringfence is wrong. */
  readonly missing: readonly string[];
}

/** Compares the namespace as it is, behind its baseline, and with the policies of the plan. */
export function prove(planner: Planner, plan: Plan): Proof {
  const { world, ownerOf } = planner;
  const baseline = planner.baselineOf(plan.namespace);
  const behind = withBaselines(world.policies, baseline);
  const after = [...behind, ...plan.policies.map(({ policy }) => readWritten(policy))];
  const [today, fenced, then] = [world.policies, behind, after].map((policies) =>
    deskOf({ ...world, policies }, ownerOf),
  );
  if (today === undefined || fenced === undefined || then === undefined) throw new Error('three worlds are compared');
  const wanted = wantedPorts(plan);
  const beyond: Difference[] = [];
  for (const change of compareDesks(fenced, then, plan.namespace)) {
    const ports = change.kind === 'opened' ? unwantedPorts(change, wanted, planner) : noPorts;
    if (ports.length > 0) beyond.push(difference(change, ports));
  }
  const closed: Difference[] = [];
  const opened: Difference[] = [];
  for (const change of compareDesks(today, then, plan.namespace))
    if (change.kind !== 'undefined')
      (change.kind === 'opened' ? opened : closed).push(difference(change, change.ports));
  return { closed, opened, beyond, missing: missingFlows(plan, then) };
}

/** The ports that are wanted between two ends: those of the flows that are kept or written. */
function wantedPorts({ flows }: Plan): ReadonlyMap<string, PortSet> {
  const wanted = new Map<string, PortSet>();
  for (const { candidate, fate } of flows) {
    const { from, to, protocol, port } = candidate;
    if ((fate.fate !== 'kept' && fate.fate !== 'cut') || protocol === 'ICMP') continue;
    const key = `${keyOfEnd(from)} ${keyOfEnd(to)}`;
    wanted.set(key, unite(wanted.get(key) ?? noPorts, portRange(protocol, port, port)));
  }
  return wanted;
}

/**
 * The ports of a change that are wanted between none of the ends that it names. Both ends of each
 * pair must want them.
 */
function unwantedPorts(change: Change, wanted: ReadonlyMap<string, PortSet>, planner: Planner): PortSet {
  const [sources, destinations] = [endsOf(change.from, planner), endsOf(change.to, planner)];
  let unwanted: PortSet = noPorts;
  for (const from of sources)
    for (const to of destinations) unwanted = unite(unwanted, without(change.ports, portsBetween(from, to, wanted)));
  return unwanted;
}

/** An end outside is written only where a flow to it is wanted, so any such flow counts. */
function portsBetween(from: End | undefined, to: End | undefined, wanted: ReadonlyMap<string, PortSet>): PortSet {
  if (from !== undefined && to !== undefined) return wanted.get(`${keyOfEnd(from)} ${keyOfEnd(to)}`) ?? noPorts;
  let ports: PortSet = noPorts;
  for (const [key, more] of wanted) {
    const isMeant =
      from !== undefined ? key.startsWith(`${keyOfEnd(from)} `) : to !== undefined && key.endsWith(` ${keyOfEnd(to)}`);
    if (isMeant && /\["(?:outside|node)/.test(key)) ports = unite(ports, more);
  }
  return ports;
}

function endsOf({ group }: ChangeEnd, planner: Planner): readonly (End | undefined)[] {
  if (group === undefined) return [undefined];
  const pods = group.after.flatMap((one) => one.pods);
  return [...new Map(pods.map((pod) => [keyOfEnd(planner.endOf(pod)), planner.endOf(pod)])).values()];
}

function difference({ from, to }: Change, ports: PortSet): Difference {
  return { from: shorten(from.names), to: shorten(to.names), ports: formatPorts(ports) };
}

/** Flows of the plan that are to be open behind the baseline, and that the engine finds closed. */
function missingFlows(plan: Plan, then: ReturnType<typeof deskOf>): readonly string[] {
  return plan.flows.flatMap((flow) => {
    const { candidate, fate } = flow;
    const { protocol, port, pairs } = candidate;
    const isWritten = fate.fate === 'cut' && !plan.unwritten.has(flow);
    if ((fate.fate !== 'kept' && !isWritten) || protocol === 'ICMP') return [];
    const closed = pairs.filter(({ from, to }) => {
      const [source, destination] = [from.pods[0], to.pods[0]];
      if (source === undefined || destination === undefined || source === destination) return false;
      return !isOpen(source, destination, protocol, port, then);
    });
    return closed.map(({ from, to }) => `${keyOfEnd(from.end)} ${keyOfEnd(to.end)} ${protocol}/${port}`);
  });

  function isOpen(from: Pod, to: Pod, protocol: Protocol, port: number, desk: ReturnType<typeof deskOf>): boolean {
    return desk.evaluator.answer({ from: { pod: from }, to: { pod: to }, protocol, port }).verdict !== 'denied';
  }
}
