import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { repeat, retry } from '../../src/retry/retry.ts';

const never = new AbortController().signal;

/** A call that fails this many times with this error. */
function failing(times: number, error: unknown = new Error('no')) {
  let left = times;
  return vi.fn(async () => {
    left -= 1;
    if (left >= 0) throw error;
    return 'done';
  });
}

/** Records the requested sleeps without sleeping. */
function notedSleeps() {
  const slept: number[] = [];
  return { slept, clock: { sleep: async (ms: number) => void slept.push(ms) } };
}

let chance: number;
beforeEach(() => {
  chance = 0;
  vi.spyOn(Math, 'random').mockImplementation(() => chance);
});
afterEach(() => void vi.restoreAllMocks());

describe('retry', () => {
  it.each([
    [0, [100, 200, 400, 500, 500]],
    [0.5, [150, 300, 584, 584, 584]],
    [1, [200, 400, 667, 667, 667]],
  ])('doubles its pauses up to the longest, and spreads them (chance %d)', async (at, pauses) => {
    chance = at;
    const { slept, clock } = notedSleeps();
    expect(await retry(failing(5), { firstMs: 100, longestMs: 500, signal: never, clock })).toBe('done');
    expect(slept).toEqual(pauses);
  });

  it('waits as long as the API server asks, half a minute at most, and not less than it would', async () => {
    const { slept, clock } = notedSleeps();
    for (const retryAfterSeconds of [7, 3_600, 0.01]) {
      const error = Object.assign(new Error('busy'), { code: 429, retryAfterSeconds });
      await retry(failing(1, error), { firstMs: 100, longestMs: 500, signal: never, clock });
    }
    expect(slept).toEqual([7_000, 30_000, 100]);
  });

  it('tells each failure that it does not end with', async () => {
    const told: unknown[] = [];
    const { clock } = notedSleeps();
    const onFailure = (error: unknown, facts: object) => told.push([(error as Error).message, facts]);
    const options = { firstMs: 100, longestMs: 500, signal: never, clock, attempts: 3, onFailure };
    await expect(retry(failing(9), options)).rejects.toThrow('no');
    expect(told).toEqual([
      ['no', { failures: 1, delayMs: 100 }],
      ['no', { failures: 2, delayMs: 200 }],
    ]);
  });

  it('never gives up by itself, whatever is thrown', async () => {
    const { slept, clock } = notedSleeps();
    await retry(failing(1_000, new TypeError('x is not a function')), {
      firstMs: 1,
      longestMs: 1,
      signal: never,
      clock,
    });
    await retry(failing(2, 'a text'), { firstMs: 1, longestMs: 1, signal: never, clock });
    expect(slept).toHaveLength(1_002);
  });

  it('ends with an error that does not pass', async () => {
    const call = failing(1, new Error('for good'));
    const isPassing = () => false;
    await expect(retry(call, { firstMs: 1, longestMs: 1, signal: never, isPassing })).rejects.toThrow('for good');
    expect(call).toHaveBeenCalledOnce();
  });

  it('ends with its signal: before, during and after a call', async () => {
    const options = { firstMs: 60_000, longestMs: 60_000 };
    const call = failing(0);
    await expect(retry(call, { ...options, signal: AbortSignal.abort(new Error('over')) })).rejects.toThrow('over');
    expect(call).not.toHaveBeenCalled();
    const stop = new AbortController();
    const during = retry(
      async () => {
        stop.abort(new Error('over'));
        throw new Error('no');
      },
      { ...options, signal: stop.signal },
    );
    await expect(during).rejects.toThrow('over');
    const late = new AbortController();
    const pausing = retry(failing(1), {
      ...options,
      signal: late.signal,
      onFailure: () => late.abort(new Error('over')),
    });
    await expect(pausing).rejects.toThrow('over');
  });
});

describe('repeat', () => {
  it.each([
    [0, 900],
    [1, 1_100],
  ])('pauses before each call, and spreads its pauses (chance %d)', async (at, pauseMs) => {
    chance = at;
    const { slept, clock } = notedSleeps();
    const stop = new AbortController();
    let calls = 0;
    await repeat(
      async () => {
        calls += 1;
        if (calls === 3) stop.abort();
      },
      { everyMs: 1_000, signal: stop.signal, clock },
    );
    expect(slept).toEqual([pauseMs, pauseMs, pauseMs]);
  });

  it('retries a call that fails, with longer pauses, and then goes on', async () => {
    const { slept, clock } = notedSleeps();
    const stop = new AbortController();
    let calls = 0;
    await repeat(
      async () => {
        calls += 1;
        if (calls === 5) stop.abort();
        if (calls < 4) throw new Error('no');
      },
      { everyMs: 1_000, longestMs: 2_500, signal: stop.signal, clock },
    );
    expect(slept).toEqual([900, 1_000, 2_000, 2_500, 900]);
  });
});
