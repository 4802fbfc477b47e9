import { expect, it } from 'vitest';
import { pause } from '../../src/retry/pause.ts';

it.each([0, -1, Number.NaN])('of %s milliseconds is none', async (ms) => {
  await pause(ms, new AbortController().signal);
});

it('ends with its signal, and leaves nothing at it', async () => {
  const stop = new AbortController();
  const paused = pause(60_000, stop.signal);
  stop.abort();
  await paused;
  await pause(60_000, stop.signal);
});

it('takes its time', async () => {
  const begun = performance.now();
  await pause(20, new AbortController().signal);
  // Timers may be a millisecond early.
  expect(performance.now() - begun).toBeGreaterThanOrEqual(19);
});
