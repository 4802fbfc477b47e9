import type { Cluster } from '../../src/cluster/connection.ts';
import type { Random } from './random.ts';
import { type Claim, type Replica, type ReplicaOptions, startReplica } from './replica.ts';
import { createOwner, type Owner, type Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

/** The replicas: started, killed, stopped, frozen, started again. */
export interface Fleet {
  /** The replicas that the Service knows. A dead one stays known for a while. */
  endpoints(): readonly Replica[];
  names(): readonly string[];
  start(): void;
  /**
   * Ends a replica by SIGKILL, or by SIGTERM after its drain. Another process replaces it after a
   * while.
   */
  replace(isKilled: boolean, afterMs: number): void;
  freeze(forMs: number): void;
  areReady(): boolean;
}

export function createFleet(parts: {
  readonly size: number;
  readonly options: ReplicaOptions;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly cluster: Owner;
  readonly trace: Trace;
  readonly connect: (owner: Owner) => Cluster;
  readonly version: () => number;
  readonly onClaim: (claim: Claim) => void;
  readonly onDefect: (what: string) => void;
}): Fleet {
  const { size, options, scheduler, random, cluster, trace, connect } = parts;
  const replicas: Replica[] = [];
  const leaving = new Set<Owner>();
  let started = 0;

  function start(place: number): void {
    started += 1;
    const owner = createOwner(`replica-${started}`);
    scheduler.after(random.wait(20), owner, () => {
      trace(() => 'starts');
      replicas[place] = startReplica(owner, connect(owner), options, parts);
    });
  }

  const living = (): readonly Replica[] => replicas.filter(({ owner }) => owner.isAlive);

  return {
    endpoints: () => replicas.filter((replica) => replica.isReady()),
    names: () => living().map(({ owner }) => owner.name),
    start() {
      for (let place = 0; place < size; place += 1) start(place);
    },
    replace(isKilled, afterMs) {
      const staying = living().filter(({ owner }) => !leaving.has(owner));
      if (staying.length === 0) return;
      const victim = random.pick(staying);
      const { owner } = victim;
      leaving.add(owner);
      trace(() => `${isKilled ? 'kill' : 'stop'} ${owner.name}`);
      const die = (): void => {
        owner.isAlive = false;
        scheduler.after(afterMs, cluster, () => start(replicas.indexOf(victim)));
      };
      if (isKilled) return die();
      // In a separate step, because the replica owns what it does.
      scheduler.after(0, owner, () => victim.stop());
      scheduler.after(random.between(1, 200), cluster, die);
    },
    freeze(forMs) {
      const alive = living();
      if (alive.length === 0) return;
      const { owner } = random.pick(alive);
      trace(() => `freeze ${owner.name} for ${Math.round(forMs)} ms`);
      // Never earlier than before, because delayed tasks would be overtaken.
      owner.frozenUntil = Math.max(owner.frozenUntil, scheduler.now() + forMs);
    },
    areReady: () =>
      replicas.length === size && living().length === size && replicas.every((replica) => replica.isReady()),
  };
}
