// The waits of tests for something that comes by itself.
import { vi } from 'vitest';

/** The limit of a wait. It is for a hang, not for slowness. The default of vitest is a second. */
export const waiting = { timeout: 90_000 };

/** Repeats a check until it throws no more, and resolves to its result. */
export function waitFor<T>(check: () => T | Promise<T>, { interval = 50 } = {}): Promise<T> {
  return vi.waitFor(check, { ...waiting, interval });
}
