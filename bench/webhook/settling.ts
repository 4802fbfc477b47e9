import { setTimeout as delay } from 'node:timers/promises';

/**
 * Long enough to finish the work that a start or a load has caused: the keeper's first look,
 * Events, and a garbage collection that is due.
 */
export async function settle(): Promise<void> {
  await delay(5_000);
}
