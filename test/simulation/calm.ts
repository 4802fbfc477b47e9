import { type Acts, createActs } from './acts.ts';
import { enter } from './script.ts';
import type { Resource } from './store.ts';
import type { World } from './world.ts';

/**
 * After all trouble: nothing differs, so nothing is written; then people go on, nothing fails,
 * events are late at most, and each baseline is true within a second or two of what broke it; and
 * every namespace lets Pods in, by every replica. By `heardBy` every cache has heard of everything.
 */
export async function playCalm(world: World, heardBy: number): Promise<void> {
  if (!(await isQuiet(world, heardBy))) return;
  if (world.faults.plan.lostEvents) await loseOne(world);
  await goOn(world);
  await enterEverywhere(world);
}

/**
 * What was on its way when a baseline became true in the store: another replica's write, an event,
 * a key that runs once more.
 */
const settleMs = 12_000;
/** The caches are looked through once a minute. */
const sweepMs = 61_000;
/**
 * From what a replica hears to the write: a rest of the key, two reads, a write, and another
 * replica's answer in between.
 */
const promptMs = 1_500;

async function isQuiet({ scheduler, random, counts, fail }: World, heardBy: number): Promise<boolean> {
  await scheduler.runUntil(scheduler.now() + settleMs);
  const before = counts.writes;
  await scheduler.runUntil(Math.max(heardBy, scheduler.now() + (random.chance(0.3) ? sweepMs : 1_000)));
  if (counts.writes > before) fail(`${counts.writes - before} writes although nothing differs`);
  return counts.writes === before;
}

/** A namespace of which nobody is told: the next full list shows it. */
async function loseOne(world: World): Promise<void> {
  const { scheduler, watches, options } = world;
  watches.mayLose(1);
  createActs(world, { namespaces: options.relistMs, networkpolicies: 0 }, promptMs).create('lost');
  watches.mayLose(0);
  await scheduler.runUntil(scheduler.now() + options.relistMs + settleMs);
}

async function goOn(world: World): Promise<void> {
  const { scheduler, random, faults, options, names, cluster, trace } = world;
  const lateMs = options.silenceMs * lateShare;
  // Connections end in calm, too, and after a long break the history has gone on without us.
  const interrupted = random.chance(0.5) ? undefined : random.pick(['namespaces', 'networkpolicies'] as const);
  const lagMs = (resource: Resource): number => {
    if (interrupted !== undefined) return interrupted === 'namespaces' && resource === 'networkpolicies' ? lateMs : 0;
    return random.pick([0, 0, lateMs]);
  };
  const lags = { namespaces: lagMs('namespaces'), networkpolicies: lagMs('networkpolicies') };
  faults.delayEvents('namespaces', lags.namespaces);
  faults.delayEvents('networkpolicies', lags.networkpolicies);
  trace(() => `calm, with events late by ${JSON.stringify(lags)}, and an interruption of ${interrupted}`);
  const acts = createActs(world, lags, interrupted === undefined ? promptMs : promptMs + resumeMs);
  if (interrupted !== undefined) await interrupt(world, interrupted, acts);
  for (let index = random.whole(2, 6); index > 0; index -= 1) {
    const name = random.pick(names);
    random.pick(acts.all)(name);
    if (random.chance(0.5)) scheduler.after(random.wait(40), cluster, () => random.pick(acts.all)(name));
    if (random.chance(0.5)) enter(world, name, 2);
    await scheduler.runUntil(scheduler.now() + random.pick([200, 2_000, 6_000]));
  }
  await scheduler.runUntil(scheduler.now() + settleMs);
}

/**
 * Events that are late, and no fault: as late as may be without a watch falling silent, for it ends
 * after at most 85 % of its silence, and its end is late, too. With the default of 30 s that is
 * longer than any repair takes, so that who waits for the wrong event is found out.
 */
const lateShare = 0.14;
/** Two pauses of a watch that fails, and the list after them. */
const resumeMs = 1_500;

/**
 * The watches of one resource break, and are told then that their history is gone; what came and
 * went meanwhile is in no event.
 */
async function interrupt(world: World, resource: Resource, acts: Acts): Promise<void> {
  const { scheduler, random, watches, options, names, cluster } = world;
  const known = random.pick(names);
  acts.create(known);
  acts.mark(known);
  // No watch lasts longer: by then the last one of each that failed is followed by one that ended
  // well, and pauses begin anew.
  await scheduler.runUntil(scheduler.now() + options.silenceMs);
  watches.trouble('reset', (stream) => stream.resource === resource);
  if (resource === 'namespaces') acts.recreate(known);
  else {
    acts.create('late');
    for (const name of ['late', known]) scheduler.after(random.between(30, 200), cluster, () => acts.breach(name));
  }
  scheduler.after(random.between(0, 150), cluster, () => watches.compact());
  await scheduler.runUntil(scheduler.now() + random.pick([500, 6_000]));
}

async function enterEverywhere(world: World): Promise<void> {
  const { scheduler, fleet, truth, names, fail } = world;
  for (const name of names) {
    if (truth.now(name).uid === undefined) continue;
    for (const replica of fleet.endpoints())
      enter(world, name, 1, replica, (end) => {
        if (end.end === 'refused') fail(`a Pod is refused in ${name} although nothing fails: ${end.why}`);
      });
  }
  await scheduler.runUntil(scheduler.now() + settleMs);
}
