import type { PodEnd } from './pods.ts';
import type { Replica } from './replica.ts';
import type { World } from './world.ts';

/** Plays the acts of people during the faults, at random times. */
export function playPeople(world: World, untilMs: number): void {
  const { scheduler, random, people, names, cluster } = world;
  const meanMs = untilMs / random.whole(5, 50);
  const acts: readonly (readonly [number, (name: string) => void])[] = [
    [4, (name) => createAndEnter(world, name)],
    [3, (name) => recreate(world, name)],
    [1, (name) => people.deleteNamespace(name)],
    [5, (name) => enter(world, name, random.whole(1, 6))],
    [5, (name) => people.breach(name)],
    [2, (name) => people.relabel(name)],
    [1, (name) => people.mark(name, random.chance(0.7))],
    [1, (name) => people.setMode(name, random.chance(0.5) ? undefined : 'warn')],
  ];
  const act = weighted(world, acts);
  const next = (): void => {
    scheduler.after(random.wait(meanMs), cluster, () => {
      if (scheduler.now() >= untilMs) return;
      const name = random.pick(names);
      act(name);
      // Often something else happens to the same namespace at that moment.
      if (random.chance(0.3)) scheduler.after(random.wait(10), cluster, () => act(name));
      if (random.chance(0.3)) enterSoon(world, name);
      next();
    });
  };
  next();
}

/** Plays the faults of the seed. */
export function playTrouble(world: World, untilMs: number): void {
  const { scheduler, random, faults, fleet, watches, cluster, trace } = world;
  const { plan } = faults;
  const soon = (): number => scheduler.now() + random.pick([200, 2_000, 8_000]);
  const some = (): string | undefined => (random.chance(0.5) ? undefined : fleet.names()[0]);
  const watchTroubles = ['silence', 'silence', 'reset', 'end', 'error'] as const;
  const acts: (readonly [number, () => void])[] = [];
  if (plan.crashes) acts.push([2, () => fleet.replace(random.chance(0.6), random.wait(1_000))]);
  if (plan.freezes) acts.push([2, () => fleet.freeze(random.pick([50, 500, 4_000]))]);
  if (plan.watchTrouble)
    acts.push(
      [3, () => watches.trouble(random.pick(watchTroubles), () => random.chance(0.6))],
      [1, () => watches.compact()],
    );
  if (plan.outages) {
    acts.push([1, () => cut(some(), soon())]);
    acts.push([1, () => refuseWrites(scheduler.now() + random.pick([1_000, 10_000, 25_000]))]);
  }
  if (plan.interference) acts.push([1, () => interfere(soon())]);
  if (plan.lostEvents) watches.mayLose(random.pick([0.1, 0.4]));
  if (acts.length === 0) return;

  function cut(name: string | undefined, until: number): void {
    trace(() => `${name ?? 'everyone'} is cut off until ${Math.round(until)}`);
    faults.cutOff(name, until);
  }
  function refuseWrites(until: number): void {
    trace(() => `writes are refused until ${Math.round(until)}`);
    faults.refuseWrites(until);
  }
  function interfere(until: number): void {
    trace(() => `another webhook changes what is applied until ${Math.round(until)}`);
    world.interfereUntil(until);
  }

  const act = weighted(world, acts);
  const meanMs = untilMs / random.whole(2, 10);
  const next = (): void => {
    scheduler.after(random.wait(meanMs), cluster, () => {
      if (scheduler.now() >= untilMs) return;
      act();
      next();
    });
  };
  next();
}

/** Creates Pods within a few milliseconds, and reports the outcome of each. */
export function enter(
  world: World,
  namespace: string,
  pods: number,
  replica?: Replica,
  onEnd?: (end: PodEnd) => void,
): void {
  const { scheduler, random, people, invariants, cluster } = world;
  const labels = people.podLabels(namespace);
  for (let index = 0; index < pods; index += 1)
    scheduler.after(random.wait(3), cluster, () => {
      const pod = { name: `pod-${scheduler.steps()}`, namespace, labels };
      const conclude = (end: PodEnd): void => {
        invariants.checkPod(end);
        onEnd?.(end);
      };
      world.pods.create(pod, conclude, replica);
    });
}

function enterSoon(world: World, name: string): void {
  const { scheduler, random, cluster } = world;
  scheduler.after(random.wait(random.pick([2, 30])), cluster, () => enter(world, name, random.whole(1, 4)));
}

function createAndEnter(world: World, name: string): void {
  world.people.createNamespace(name);
  enterSoon(world, name);
}

function recreate(world: World, name: string): void {
  const { random, people } = world;
  people.deleteNamespace(name, { afterMs: random.pick([0, 5, 100]), created: () => enterSoon(world, name) });
  // Pods still arrive while it is deleted.
  for (let index = random.whole(0, 3); index > 0; index -= 1) enterSoon(world, name);
}

function weighted<Arguments extends readonly unknown[]>(
  { random }: World,
  acts: readonly (readonly [number, (...given: Arguments) => void])[],
): (...given: Arguments) => void {
  const all = acts.flatMap(([weight, act]) => new Array<(...given: Arguments) => void>(weight).fill(act));
  return (...given) => random.pick(all)(...given);
}
