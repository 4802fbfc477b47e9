import { expect, it } from 'vitest';
import { systemClock } from '../../src/retry/clock.ts';

const { sleep } = systemClock;

it.each([0, -1, Number.NaN])('a sleep of %s milliseconds is none', async (ms) => {
  await sleep(ms, new AbortController().signal);
});

it('a sleep ends with its signal, and leaves nothing at it', async () => {
  const stop = new AbortController();
  const slept = sleep(60_000, stop.signal);
  stop.abort();
  await slept;
  await sleep(60_000, stop.signal);
});

it('a sleep takes its time', async () => {
  const begun = performance.now();
  await sleep(20, new AbortController().signal);
  // Timers may be a millisecond early.
  expect(performance.now() - begun).toBeGreaterThanOrEqual(19);
});
