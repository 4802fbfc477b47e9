import { createApiServer } from './api-server.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { createInvariants, type Invariants } from './invariants.ts';
import { connectLine } from './line.ts';
import { createPeople, type People } from './people.ts';
import { createPods, type Pods } from './pods.ts';
import type { Random } from './random.ts';
import type { ReplicaOptions } from './replica.ts';
import { createOwner, type Owner, type Scheduler } from './scheduler.ts';
import { createStore, type Store } from './store.ts';
import type { Trace } from './trace.ts';
import { createTruth, type Truth } from './truth.ts';
import { createWatches, type Watches } from './watches.ts';

/** All parts of one simulation, connected. */
export interface World {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  readonly store: Store;
  readonly truth: Truth;
  readonly watches: Watches;
  readonly people: People;
  readonly pods: Pods;
  readonly fleet: Fleet;
  readonly invariants: Invariants;
  readonly names: readonly string[];
  readonly options: ReplicaOptions;
  readonly cluster: Owner;
  readonly trace: Trace;
  readonly fail: (what: string) => void;
  readonly counts: Counts;
  /** Lets somebody's webhook change applies until then. */
  interfereUntil(at: number): void;
}

export interface Counts {
  calls: number;
  writes: number;
  /** The most calls of one replica within one second. */
  busiest: number;
}

export function createWorld(parts: {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly cluster: Owner;
  readonly fail: (what: string) => void;
}): World {
  const { scheduler, random, trace, cluster, fail } = parts;
  const faults = createFaults(random.fork(), scheduler.now);
  const serverOwner = createOwner('apiserver');
  const counts: Counts = { calls: 0, writes: 0, busiest: 0 };
  const count = createRate(scheduler, counts, fail);
  let interference = 0;

  const store: Store = createStore((change) => {
    truth.note(change.namespace, change.by);
    watches.tell(change);
    server.follow(change);
  });
  const truth = createTruth(store, scheduler.now);
  const watches = createWatches({ store, scheduler, random: random.fork(), faults, server: serverOwner, trace });
  const isInterfered = (): boolean => scheduler.now() < interference;
  const server = createApiServer({ store, scheduler, random: random.fork(), faults, owner: serverOwner, isInterfered });
  const invariants = createInvariants(truth, scheduler, fail);
  // If no event is lost, recovery may wait for the end of a silent watch, but never for the next
  // full list.
  const options = faults.plan.lostEvents
    ? { relistMs: random.pick([15_000, 30_000, 60_000]), silenceMs: random.pick([5_000, 30_000]) }
    : { relistMs: 300_000, silenceMs: random.pick([5_000, 10_000, 30_000]) };
  const line = { server, serverOwner, watches, scheduler, faults, trace, count };
  const fleet = createFleet({
    size: random.whole(1, 3),
    options,
    scheduler,
    random: random.fork(),
    cluster,
    trace,
    connect: (owner) => connectLine(owner, line),
    version: store.version,
    onClaim: invariants.checkClaim,
    onDefect: fail,
  });
  const pods = createPods({
    server,
    owner: serverOwner,
    scheduler,
    random: random.fork(),
    faults,
    trace,
    endpoints: fleet.endpoints,
    onDefect: fail,
  });
  return {
    ...parts,
    faults,
    store,
    truth,
    watches,
    people: createPeople({ store, scheduler, random: random.fork(), cluster, trace }),
    pods,
    fleet,
    invariants,
    names: ['shop', 'pay', 'mail', 'docs'].slice(0, random.whole(1, 4)),
    options,
    counts,
    interfereUntil(at) {
      interference = at;
    },
  };
}

/** Far more calls than any replica needs in a second. */
const hotCalls = 1_000;

/** Counts calls by replica and second. */
function createRate(
  scheduler: Scheduler,
  counts: Counts,
  fail: (what: string) => void,
): (owner: Owner, isWrite: boolean) => void {
  const seconds = new Map<string, { second: number; calls: number }>();
  return ({ name }, isWrite) => {
    counts.calls += 1;
    if (isWrite) counts.writes += 1;
    const second = Math.floor(scheduler.now() / 1_000);
    const known = seconds.get(name);
    const calls = known?.second === second ? known.calls + 1 : 1;
    seconds.set(name, { second, calls });
    counts.busiest = Math.max(counts.busiest, calls);
    if (calls === hotCalls) fail(`${name} makes ${hotCalls} calls in a second`);
  };
}
