import type { Resource } from './store.ts';
import type { World } from './world.ts';

type Act = (name: string) => void;

/**
 * The acts of people in calm. Each one knows when the baseline must be correct again, and checks it
 * then.
 */
export interface Acts {
  readonly all: readonly Act[];
  readonly create: Act;
  readonly recreate: Act;
  readonly mark: Act;
  readonly breach: Act;
}

/**
 * Creates the acts. `lags` is the delay of events; `repairMs` is the time from an event to the
 * repair.
 */
export function createActs(world: World, lags: Readonly<Record<Resource, number>>, repairMs: number): Acts {
  const { scheduler, random, people, truth, cluster, fail } = world;
  const later = Math.max(lags.namespaces, lags.networkpolicies);
  const due = new Map<string, number>();

  function expect(name: string, at: number): void {
    due.set(name, at);
    scheduler.at(at, cluster, () => {
      if (due.get(name) === at && truth.untrue().includes(name))
        fail(`${name}: its baseline is not true in time after a change, although nothing fails`);
    });
  }
  // A new namespace is read live, however old the cached policies under its name are.
  const expectNew = (name: string): void => expect(name, scheduler.now() + lags.namespaces + repairMs);
  const expectChanged = (name: string): void =>
    expect(name, Math.max(due.get(name) ?? 0, scheduler.now() + later + repairMs));

  const create: Act = (name) => {
    if (people.createNamespace(name)) expectNew(name);
  };
  const recreate: Act = (name) =>
    people.deleteNamespace(name, { afterMs: random.pick([0, 50]), created: () => expectNew(name) });
  const relabel: Act = (name) => {
    people.relabel(name);
    expectChanged(name);
  };
  const mark: Act = (name) => {
    people.mark(name, true);
    expectChanged(name);
  };
  const breach: Act = (name) => {
    if (people.breach(name, ['delete', 'open', 'empty', 'labels'])) expectChanged(name);
  };
  return { all: [create, recreate, relabel, mark, breach], create, recreate, mark, breach };
}
