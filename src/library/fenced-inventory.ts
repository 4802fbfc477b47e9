import { isFencedAt } from '../baseline/namespace.ts';
import type { Config } from '../config/config.ts';
import { isNamespace } from '../judgement/inventory.ts';
import type { RawNamespace } from '../kubernetes/object-meta.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import { createInventory, type InventoryTaker } from '../network/inventory.ts';

/** Takes a world, and knows which of its namespaces are fenced. */
export interface FencedInventoryTaker extends InventoryTaker {
  /** The namespaces that carry the mark, may be fenced, and are not past the end of a trial. */
  fenced(): ReadonlySet<string>;
}

/**
 * `now` returns milliseconds since 1970, and is asked for each namespace as it is read. Trials end
 * by it.
 */
export function createFencedInventory(config: Config, now: () => number): FencedInventoryTaker {
  const taker = createInventory(config.workloads);
  const fences = new Map<string, boolean>();
  return {
    ...taker,
    add(object, place) {
      const name = textAt(object, 'metadata', 'name') ?? '';
      // Of two equal Namespaces, the inventory keeps the first as well.
      if (isNamespace({ object }) && !fences.has(name))
        fences.set(name, isFencedAt(object as RawNamespace, now(), config));
      return taker.add(object, place);
    },
    fenced: () => new Set([...fences].flatMap(([name, isFenced]) => (isFenced ? [name] : []))),
  };
}
