import { setTimeout as delay } from 'node:timers/promises';

/**
 * Long enough for what a start or a load has begun to end: the keeper's first look, Events, a
 * collection of garbage that is due.
 */
export async function settle(): Promise<void> {
  await delay(5_000);
}
