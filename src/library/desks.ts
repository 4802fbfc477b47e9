import type { Config } from '../config/config.ts';
import type { Inventory } from '../network/inventory.ts';
import { withControllers } from '../reach/controllers.ts';
import { type Assumptions, createDesk, type Desk } from '../reach/desk.ts';
import type { Note } from '../reach/note.ts';
import type { OutsideDesk } from '../reach/outside-question.ts';
import type { ExposureReading } from './world.ts';

/** Two desks of one reading: one for the cluster itself, and one as the outside sees it. */
export interface BothDesks {
  readonly desk: Desk;
  readonly outside: OutsideDesk;
  readonly config: Config;
}

/** Makes both desks of what was read. */
export function bothDesks(
  { inventory, notes }: { readonly inventory: Inventory; readonly notes: readonly Note[] },
  exposures: ExposureReading,
  config: Config,
  assumptions: Assumptions,
): BothDesks {
  const seen = withControllers(inventory, config.network.peers);
  const desk = createDesk(seen.inventory, [...notes, ...exposures.notes, ...seen.notes], assumptions);
  const found = exposures.taker.take((name) => desk.inventory.world.namespaces.get(name));
  // Controllers matter only where something needs one.
  const assumed = found.all.some(({ by }) => by === 'controller') ? seen.notes : [];
  return {
    desk: createDesk(inventory, notes, assumptions),
    outside: { desk, exposures: found, config, notes: [...exposures.notes, ...assumed] },
    config,
  };
}
