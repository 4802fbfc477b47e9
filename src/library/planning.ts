// From what was read to what a planner needs, for the command, the library and the fence.
import type { Config } from '../config/config.ts';
import { createExposures } from '../exposure/exposure.ts';
import { privateNetworks } from '../network/blocks.ts';
import { createOffers } from '../plan/offers.ts';
import type { PlanSource } from '../plan/plan.ts';
import { notesOfUnplaced } from '../plan/unplaced.ts';
import { createWorkloads } from '../plan/workloads.ts';
import { type Note, noteOfAddresses, notesOf } from '../reach/note.ts';
import type { DeclarationReading, ExposureReading, ReadWorld } from './world.ts';

/** A reading of the world for a plan. */
export interface PlanReading {
  readonly exposures: ExposureReading;
  readonly declarations: Pick<DeclarationReading, 'add'>;
  /** Joins what was read. */
  finish(
    read: ReadWorld,
    choices: Pick<PlanSource, 'observation' | 'podNetworks' | 'naming' | 'options'>,
  ): { readonly source: PlanSource; readonly notes: readonly Note[] };
}

/** Begins a reading: its takers take every object of the world. */
export function startPlan(config: Config): PlanReading {
  const workloads = createWorkloads(config.workloads);
  const offers = createOffers(config.workloads);
  const exposures: ExposureReading = { taker: createExposures(), notes: [] };
  return {
    exposures,
    declarations: {
      add(object, namespace) {
        workloads.add(object, namespace);
        offers.add(object, namespace);
      },
    },
    finish({ inventory, fenced, notes }, choices) {
      const offered = offers.take();
      const source = {
        ...choices,
        inventory,
        fenced,
        workloads: workloads.take(inventory),
        offers: offered,
        exposures: exposures.taker.take((name) => inventory.world.namespaces.get(name)),
        config,
      };
      const networks = choices.podNetworks ?? privateNetworks;
      const found = [
        ...notes,
        ...exposures.notes,
        ...notesOf(inventory),
        ...noteOfAddresses(inventory, networks),
        ...notesOfUnplaced(offered, inventory),
      ];
      return { source, notes: found };
    },
  };
}
