import type { RawObject } from '../kubernetes/object-meta.ts';
import { listAt, textAt, valueAt } from '../kubernetes/raw-object.ts';
import type { Clock } from '../retry/clock.ts';
import { type Answer, clean, finding, type Line, undecided } from './line.ts';
import { forecast } from './probe-forecast.ts';
import { type ProbeObjects, probeLabel, probePort } from './probe-objects.ts';

/** What a probe does in a cluster. Errors are those of the API server, in words. */
export interface ProbePorts {
  readonly create: (object: RawObject) => Promise<void>;
  /** An object as it is now. */
  readonly read: (object: RawObject) => Promise<RawObject>;
  /** The NetworkPolicies of the namespace. */
  readonly policies: () => Promise<readonly RawObject[]>;
  /** Deletes an object by its name; that there is none is no error. */
  readonly remove: (object: RawObject) => Promise<void>;
  /** The last line that a Pod has printed, as JSON; undefined before the first. */
  readonly lastLine: (pod: RawObject) => Promise<unknown>;
  /** Tells the person what is going on, in a line. */
  readonly progress: (line: string) => void;
  readonly clock: Pick<Clock, 'uptime' | 'sleep'>;
}

export interface ProbeOptions {
  readonly namespace: RawObject;
  /** How long to wait for a Pod to run, in milliseconds. */
  readonly startMs: number;
  /** Stops the probe, which then cleans up. */
  readonly signal: AbortSignal;
}

/** What came of a probe. */
export interface ProbeResult {
  readonly line: Line;
  /** What could not be deleted, and why. */
  readonly left: readonly string[];
}

/**
 * Starts two Pods and makes three connections between them: while a policy allows it, while one
 * denies it, and while it is allowed again. Only if these succeed, fail and succeed does the deny
 * hold. All that was made is deleted, whatever happens. Never rejects.
 */
export async function probe(objects: ProbeObjects, options: ProbeOptions, ports: ProbePorts): Promise<ProbeResult> {
  const made = new Set<RawObject>();
  const { signal } = options;
  const create = async (object: RawObject): Promise<void> => {
    signal.throwIfAborted();
    // It may be made although no answer comes.
    made.add(object);
    await ports.create(object);
  };
  const remove = async (object: RawObject): Promise<void> => {
    await ports.remove(object);
    made.delete(object);
  };
  const answer = await connections(objects, options, { ...ports, create, remove }).catch((error: unknown) => {
    const why = signal.aborted ? 'it was stopped' : error instanceof Error ? error.message : String(error);
    return undecided(
      placeOf(objects),
      why,
      error instanceof Stop ? error.remedy : 'Correct what the message names, and try again.',
    );
  });
  const left: string[] = [];
  for (const object of [...made].reverse()) {
    const name = `${String(object['kind'])} ${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;
    await ports.remove(object).catch((error: unknown) => {
      left.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  return { line: { examination: 'probe', ...answer }, left };
}

/** Why a probe says nothing. */
class Stop extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

async function connections(objects: ProbeObjects, options: ProbeOptions, ports: ProbePorts): Promise<Answer> {
  const { signal, namespace } = options;
  const { allow, deny } = objects;
  await ports.create(allow);
  await ports.create(objects.listener);
  ports.progress('waiting for the first Pod to run');
  const listener = await running(objects.listener, options, ports);
  const called = objects.caller(textAt(listener, 'status', 'podIP') ?? '');
  await ports.create(called);
  ports.progress('waiting for the second Pod to run');
  const caller = await running(called, options, ports);
  const place = `a new connection between two Pods of ${namespace.metadata.name ?? ''}, ${nodesOf(caller, listener)}`;

  async function expected(wanted: 'allowed' | 'denied'): Promise<void> {
    const policies = await ports.policies();
    const verdict = forecast({ namespace, policies, caller, listener }, probePort);
    if (verdict === wanted) return;
    throw new Stop(
      `other NetworkPolicies of the namespace make the connection ${verdict} where the probe needs it ${wanted}`,
      'Probe a namespace whose policies do not select all Pods of its identity.',
    );
  }

  const watch = { pod: called, signal, ports };
  await expected('allowed');
  ports.progress('1: connecting while a policy allows it');
  if ((await outcome('answered', watch)) === undefined)
    throw new Stop(
      'there is no connection although a policy allows it',
      'Look whether Pods of this cluster reach each other at all, and at policies of other kinds.',
    );

  await ports.create(deny);
  await ports.remove(allow);
  await expected('denied');
  ports.progress('2: connecting while a policy denies it');
  const deniedMs = await outcome('unanswered', watch);
  if (deniedMs === undefined)
    return finding(
      place,
      `it was still answered ${patienceMs / 1000} seconds after a NetworkPolicy denied it`,
      'NetworkPolicies are not enforced here: the baseline denies nothing. Or a policy of another kind allows it',
      'Run ringfence doctor: network-plugin, the examinations of Cilium and other-policies say where to look.',
    );

  await ports.create(allow);
  await ports.remove(deny);
  ports.progress('3: connecting while a policy allows it again');
  if ((await outcome('answered', watch)) === undefined)
    throw new Stop(
      'the connection failed while it was denied, and also afterwards: the policy need not be the reason',
      'Try again. If it stays so, the Pods lose their connection for another reason.',
    );
  return clean(
    place,
    `a deny holds: it failed ${(deniedMs / 1000).toFixed(1)} seconds after the policy, and was answered before and afterwards`,
  );
}

/** Waits until a Pod runs and has an address. */
async function running(pod: RawObject, { startMs, signal }: ProbeOptions, ports: ProbePorts): Promise<RawObject> {
  const end = ports.clock.uptime() + startMs;
  for (;;) {
    const found = await ports.read(pod);
    const phase = textAt(found, 'status', 'phase');
    if (phase === 'Running' && textAt(found, 'status', 'podIP') !== undefined) return found;
    if (phase === 'Failed' || phase === 'Succeeded')
      throw new Stop(
        `Pod ${pod.metadata.name ?? ''} ended: ${reasonOf(found)}`,
        'Choose an image with Node: ringfence doctor --probe NAMESPACE --probe-image IMAGE',
      );
    if (ports.clock.uptime() >= end)
      throw new Stop(
        `Pod ${pod.metadata.name ?? ''} does not run after ${startMs / 1000} seconds: ${reasonOf(found)}`,
        'Correct what it waits for, or choose another image: ringfence doctor --probe NAMESPACE --probe-image IMAGE',
      );
    await ports.clock.sleep(pollMs, signal);
    signal.throwIfAborted();
  }
}

/** What keeps a Pod from running, in the words of Kubernetes. */
function reasonOf(pod: RawObject): string {
  const states = listAt(pod, 'status', 'containerStatuses').flatMap((one) => {
    const state = valueAt(one, 'state', 'waiting') ?? valueAt(one, 'state', 'terminated');
    return [textAt(state, 'reason'), textAt(state, 'message')].filter((text) => text !== undefined);
  });
  const conditions = listAt(pod, 'status', 'conditions')
    .filter((one) => textAt(one, 'status') === 'False')
    .flatMap((one) => textAt(one, 'message') ?? []);
  return [...states, ...conditions][0] ?? 'no node has taken it';
}

/**
 * Milliseconds until connections that began from now on come out as wanted; undefined if they have
 * not in time. One answer is enough, and two failures in a row.
 */
async function outcome(
  wanted: 'answered' | 'unanswered',
  { pod, signal, ports }: { readonly pod: RawObject; readonly signal: AbortSignal; readonly ports: ProbePorts },
): Promise<number | undefined> {
  const start = ports.clock.uptime();
  let last: number | undefined;
  let failures = 0;
  for (;;) {
    const line = await ports.lastLine(pod);
    const [attempt, answered] = [valueAt(line, 'attempt'), valueAt(line, 'answered')];
    if (typeof attempt === 'number' && typeof answered === 'boolean' && attempt !== last) {
      // The first one that is seen may have begun before the policy changed.
      const isNew = last !== undefined;
      last = attempt;
      failures = answered || !isNew ? 0 : failures + 1;
      if (isNew && (wanted === 'answered' ? answered : failures === 2)) return ports.clock.uptime() - start;
    }
    if (ports.clock.uptime() - start >= patienceMs) return undefined;
    await ports.clock.sleep(pollMs, signal);
    signal.throwIfAborted();
  }
}

/** Plugins follow a policy within a second; this is for a busy node. */
const patienceMs = 20_000;

const pollMs = 500;

function nodesOf(caller: RawObject, listener: RawObject): string {
  const [from, to] = [caller, listener].map((pod) => textAt(pod, 'spec', 'nodeName') ?? 'a node');
  return from === to ? `both on ${from}` : `from ${from} to ${to}`;
}

function placeOf({ listener }: ProbeObjects): string {
  const { namespace = '', labels = {} } = listener.metadata;
  return `two Pods of ${namespace} with ${probeLabel}=${String(labels[probeLabel])}`;
}
