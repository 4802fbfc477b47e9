import { playCalm } from './calm.ts';
import { takeTime } from './clockwork.ts';
import type { Exception } from './invariants.ts';
import { createRandom } from './random.ts';
import { createOwner, createScheduler } from './scheduler.ts';
import { playPeople, playTrouble } from './script.ts';
import { createTrace } from './trace.ts';
import { createWorld, type World } from './world.ts';

/** The result of one seed. */
export interface Report {
  readonly seed: number;
  /** The broken invariants; empty if there are none. */
  readonly failures: readonly string[];
  readonly steps: number;
  readonly calls: number;
  readonly writes: number;
  readonly busiest: number;
  readonly walled: number;
  readonly unenforced: number;
  readonly orphaned: number;
  readonly exceptions: readonly Exception[];
  /**
   * Milliseconds, and steps, from the end of all faults and acts until every baseline was correct.
   */
  readonly recoveredMs: number;
  readonly recoveredSteps: number;
}

/** Far more than any correct seed needs. It would be a hot loop. */
const stepLimit = 200_000;

/**
 * Plays one seed. It replaces time and chance in its thread, so run only one at a time and nothing
 * else.
 */
export async function simulate(seed: number, write?: (line: string) => void): Promise<Report> {
  const random = createRandom(seed);
  const cluster = createOwner('world');
  const failures: string[] = [];
  const fail = (what: string): void => {
    trace(() => `FAILS: ${what}`);
    failures.push(what);
  };
  const onError = (error: unknown): void =>
    fail(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  const scheduler = createScheduler({ world: cluster, limit: stepLimit, onError });
  const trace = createTrace(scheduler, write);
  const giveBack = takeTime(scheduler, random.fork());
  process.on('unhandledRejection', onError);
  try {
    const world = createWorld({ scheduler, random, trace, cluster, fail });
    const recovery = await play(world);
    world.watches.close();
    return {
      seed,
      failures,
      steps: scheduler.steps(),
      ...world.counts,
      ...world.invariants.tally,
      ...recovery,
    };
  } finally {
    process.off('unhandledRejection', onError);
    giveBack();
  }
}

/** First come the faults, then their end, then calm. */
async function play(world: World): Promise<Pick<Report, 'recoveredMs' | 'recoveredSteps'>> {
  const { scheduler, random, faults, fleet, people, watches, truth, options, names, trace, fail } = world;
  const troubleMs = random.pick([3_000, 6_000, 12_000, 40_000]);
  trace(() => `${JSON.stringify({ ...options, names, troubleMs, ...faults.plan })}`);
  for (const name of names) if (random.chance(0.5)) people.createNamespace(name);
  fleet.start();
  playPeople(world, troubleMs);
  playTrouble(world, troubleMs);
  await scheduler.runUntil(troubleMs);
  faults.end();
  watches.mayLose(0);
  world.interfereUntil(0);
  trace(() => 'faults are over');
  const begun = scheduler.steps();
  // Everything that had begun ends: namespaces are deleted and created, replicas start again,
  // frozen ones continue, garbage is collected.
  await scheduler.runUntil(troubleMs + drainMs);
  const bound = troubleMs + recoveryMs + (faults.plan.lostEvents ? options.relistMs : 0);
  const isWell = (): boolean => truth.untrue().length === 0 && fleet.areReady();
  await scheduler.runUntil(bound, isWell);
  trace(() => `recovered: ${isWell()}`);
  const recovery = {
    recoveredMs: Math.max(0, truth.trueSince() - troubleMs),
    recoveredSteps: scheduler.steps() - begun,
  };
  if (truth.untrue().length > 0) fail(`${truth.untrue().join(', ')}: no baseline in time after the end of all faults`);
  else if (!fleet.areReady()) fail('a replica is not ready in time after the end of all faults');
  else await playCalm(world, bound);
  return recovery;
}

/** By then, Pods and policies with a grace period and everything in progress have ended. */
const drainMs = 12_000;
/**
 * The longest wait that may have begun: for a page of a list (30 s), or in a silent watch (30 s at
 * most). Then the longest pause of a failing watch (3.8 s) or key (4 s), and the calls after that.
 */
const recoveryMs = 43_000;
