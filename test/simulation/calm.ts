import { type Acts, createActs } from './acts.ts';
import { enter } from './script.ts';
import type { Resource } from './store.ts';
import type { World } from './world.ts';

/**
 * Plays the calm after all trouble. Nothing differs, so nothing is written. Then people continue,
 * nothing fails and events are only late. Each baseline is correct within a second or two of its
 * damage, and every replica admits Pods to every namespace. By `heardBy` every cache is up to date.
 */
export async function playCalm(world: World, heardBy: number): Promise<void> {
  if (!(await isQuiet(world, heardBy))) return;
  if (world.faults.plan.lostEvents) await loseOne(world);
  await goOn(world);
  await enterEverywhere(world);
}

/**
 * The time for everything that was in progress when a baseline became correct in the store: another
 * replica's write, an event, a key that runs once more.
 */
const settleMs = 12_000;
/** The caches are checked once a minute. */
const sweepMs = 61_000;
/**
 * The time from an event to the write: a rest of the key, two reads, a write, and another replica's
 * answer in between.
 */
const promptMs = 1_500;

async function isQuiet({ scheduler, random, counts, fail }: World, heardBy: number): Promise<boolean> {
  await scheduler.runUntil(scheduler.now() + settleMs);
  const before = counts.writes;
  await scheduler.runUntil(Math.max(heardBy, scheduler.now() + (random.chance(0.3) ? sweepMs : 1_000)));
  if (counts.writes > before) fail(`${counts.writes - before} writes although nothing differs`);
  return counts.writes === before;
}

/** Loses the event of a namespace. The next full list shows it. */
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
  // Connections also end in calm. After a long break the history may have moved on.
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
 * The delay of late events, which is not a fault. It is as long as possible without a silent watch,
 * because a watch ends after at most 85 % of its silence, and its end is late too. With the default
 * of 30 s it is longer than any repair, so that code which waits for the wrong event fails.
 */
const lateShare = 0.14;
/** Two pauses of a failing watch, and the list after them. */
const resumeMs = 1_500;

/**
 * Breaks the watches of one resource. Then their history is gone, so changes in the meantime have
 * no event.
 */
async function interrupt(world: World, resource: Resource, acts: Acts): Promise<void> {
  const { scheduler, random, watches, options, names, cluster } = world;
  const known = random.pick(names);
  acts.create(known);
  acts.mark(known);
  // No watch lasts longer. By then each failed watch is followed by one that ended properly, so
  // pauses begin again.
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
