import { compareDesks } from '../reach/change.ts';
import { type ChangeData, changesJson } from '../reach/change-text.ts';
import { compareOthers, type Note } from '../reach/note.ts';
import type { BothDesks } from './desks.ts';
import type { Manifest } from './manifests.ts';
import { readDesks, type WorldOptions } from './read.ts';

/** The flows that a change opens and closes. */
export interface Differences {
  readonly changes: readonly ChangeData[];
  readonly notes: Readonly<Record<'before' | 'after', readonly Note[]>>;
}

/** What a reader should know about both worlds. */
export function notesOfBoth(before: BothDesks, after: BothDesks): Differences['notes'] {
  return {
    before: [...before.desk.notes, ...before.outside.notes],
    after: [...after.desk.notes, ...after.outside.notes, ...compareOthers(before.desk.inventory, after.desk.inventory)],
  };
}

/** Throws an Error if a namespace is in neither world. */
export function requireNamespace(name: string | undefined, before: BothDesks, after: BothDesks): void {
  if (name !== undefined && ![before, after].some(({ desk }) => desk.inventory.world.namespaces.has(name)))
    throw new Error(`there is no namespace ${name} before or after`);
}

/**
 * Compares the open flows of two worlds, as `ringfence diff -o json` does. With `namespace`, only
 * flows with an end in it.
 *
 * @throws an Error with one line for each object that cannot be read
 */
export async function diff(
  before: readonly Manifest[],
  after: readonly Manifest[],
  options: WorldOptions = {},
): Promise<Differences> {
  const old = await readDesks(before, options, 'before');
  const now = await readDesks(after, options, 'after');
  requireNamespace(options.namespace, old, now);
  const exposed = { before: old.outside, after: now.outside };
  const changes = compareDesks(old.desk, now.desk, options.namespace, exposed);
  return JSON.parse([...changesJson(changes, notesOfBoth(old, now))].join('')) as Differences;
}
