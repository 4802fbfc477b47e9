import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeyedQueue } from '../../src/baseline/keyed-queue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A queue whose runs end when the test says so. `chance` is the random number, between 0 and 1. */
function setUp(chance = 0) {
  vi.spyOn(Math, 'random').mockReturnValue(chance);
  const began: string[] = [];
  const running = new Map<string, { end(): void; fail(error?: Error): void }>();
  const failures: [string, number, number][] = [];
  const queue = createKeyedQueue({
    run(key) {
      expect(running.has(key)).toBe(false);
      began.push(key);
      return new Promise((resolve, reject) => {
        const leave = (then: () => void) => () => {
          running.delete(key);
          then();
        };
        running.set(key, { end: leave(resolve), fail: (error = new Error('no')) => leave(() => reject(error))() });
      });
    },
    onFailure: (key, _error, count, delayMs) => failures.push([key, count, delayMs]),
  });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return { queue, began, running, failures, pass };
}

describe('the queue', () => {
  it('runs a key at once, and leaves nothing behind', async () => {
    const { queue, began, running, pass } = setUp();
    queue.add('shop');
    await pass(0);
    expect(began).toEqual(['shop']);
    running.get('shop')?.end();
    await pass(60_000);
    expect(began).toEqual(['shop']);
    expect(queue.pending()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('runs a key once, however often it was added while it waited', async () => {
    const { queue, began, running, pass } = setUp();
    for (let key = 0; key < 8; key += 1) queue.add(`n${key}`);
    for (let times = 0; times < 5; times += 1) queue.add('shop');
    for (const { end } of [...running.values()]) end();
    await pass(0);
    running.get('shop')?.end();
    await pass(60_000);
    expect(began.filter((key) => key === 'shop')).toHaveLength(1);
  });

  it('runs a key again that was added while it ran, after a rest', async () => {
    const { queue, began, running, pass } = setUp();
    queue.add('shop');
    await pass(0);
    queue.add('shop');
    queue.add('shop');
    running.get('shop')?.end();
    await pass(99);
    expect(began).toHaveLength(1);
    expect(queue.pending()).toBe(1);
    await pass(1);
    expect(began).toHaveLength(2);
  });

  it('runs a key again that was added while it rested', async () => {
    const { queue, began, running, pass } = setUp();
    queue.add('shop');
    await pass(0);
    running.get('shop')?.end();
    await pass(50);
    queue.add('shop');
    await pass(49);
    expect(began).toHaveLength(1);
    await pass(1);
    expect(began).toHaveLength(2);
  });

  it('runs eight keys side by side', async () => {
    const { queue, began, running, pass } = setUp();
    for (let key = 0; key < 20; key += 1) queue.add(`n${key}`);
    await pass(0);
    expect(began).toHaveLength(8);
    expect(queue.pending()).toBe(20);
    running.get('n3')?.end();
    await pass(0);
    expect(began).toHaveLength(9);
  });

  it('never gives up a failing key, doubles its wait up to three seconds, and forgets all after a success', async () => {
    const { queue, began, running, failures, pass } = setUp();
    queue.add('shop');
    await pass(0);
    for (let times = 0; times < 12; times += 1) {
      running.get('shop')?.fail();
      await pass(0);
      expect(queue.failing()).toBe(1);
      expect(queue.pending()).toBe(1);
      await pass(failures.at(-1)?.[2] ?? 0);
    }
    expect(failures.map(([, , delayMs]) => delayMs)).toEqual([
      100, 200, 400, 800, 1_600, 3_000, 3_000, 3_000, 3_000, 3_000, 3_000, 3_000,
    ]);
    expect(began).toHaveLength(13);
    running.get('shop')?.end();
    await pass(100);
    expect(queue.failing()).toBe(0);
    queue.add('shop');
    await pass(0);
    running.get('shop')?.fail();
    await pass(0);
    expect(failures.at(-1)).toEqual(['shop', 1, 100]);
  });

  it('spreads its waits, the longest too', async () => {
    const { queue, running, failures, pass } = setUp(1);
    queue.add('shop');
    await pass(0);
    for (let times = 0; times < 7; times += 1) {
      running.get('shop')?.fail();
      await pass(0);
      await pass(failures.at(-1)?.[2] ?? 0);
    }
    expect(failures.map(([, , delayMs]) => delayMs)).toEqual([200, 400, 800, 1_600, 3_200, 4_000, 4_000]);
  });

  it('waits as long as the API server asks it to, whatever news there are, and no longer than half a minute', async () => {
    const { queue, began, running, failures, pass } = setUp();
    queue.add('shop');
    for (const [times, [asked, ms]] of [
      [7, 7_000],
      [3_600, 30_000],
    ].entries()) {
      await pass(0);
      running.get('shop')?.fail(Object.assign(new Error('busy'), { code: 429, retryAfterSeconds: asked }));
      await pass(0);
      expect(failures.at(-1)).toEqual(['shop', times + 1, ms]);
      queue.add('shop');
      await pass((ms ?? 0) - 1);
      expect(began).toHaveLength(times + 1);
      await pass(1);
      expect(began).toHaveLength(times + 2);
    }
  });

  it('tries a key again whose run fails by a defect', async () => {
    const { queue, began, running, pass } = setUp();
    queue.add('shop');
    await pass(0);
    running.get('shop')?.fail(new TypeError('undefined is not a function'));
    await pass(100);
    expect(began).toEqual(['shop', 'shop']);
  });

  it('tries failing keys a hundred times a second at most, all together, and others meanwhile', async () => {
    const { queue, began, running, pass } = setUp();
    for (let key = 0; key < 400; key += 1) queue.add(`n${key}`);
    const failAll = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 10) {
        for (const { fail } of [...running.values()]) fail();
        await pass(10);
      }
    };
    await failAll(2_000);
    const before = began.length;
    await failAll(5_000);
    expect(began.length - before).toBeLessThanOrEqual(525);
    expect(began.length - before).toBeGreaterThan(400);
    queue.add('good');
    await failAll(100);
    expect(began).toContain('good');
  });

  it('brings a long wait forward to half a second when there is news, and no further with more news', async () => {
    const { queue, began, running, failures, pass } = setUp();
    queue.add('shop');
    await pass(0);
    while ((failures.at(-1)?.[2] ?? 0) < 3_000) {
      running.get('shop')?.fail();
      await pass(0);
      if ((failures.at(-1)?.[2] ?? 0) < 3_000) await pass(failures.at(-1)?.[2] ?? 0);
    }
    const before = began.length;
    queue.add('shop');
    await pass(400);
    queue.add('shop');
    expect(began).toHaveLength(before);
    await pass(100);
    expect(began).toHaveLength(before + 1);
    running.get('shop')?.end();
    await pass(100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a failing key holds up no other', async () => {
    const { queue, began, running, pass } = setUp();
    queue.add('bad');
    await pass(0);
    running.get('bad')?.fail();
    queue.add('good');
    await pass(0);
    expect(began).toEqual(['bad', 'good']);
  });

  it('starts nothing after it was stopped, and leaves no timer', async () => {
    const { queue, began, running, pass } = setUp();
    queue.add('failed');
    for (let key = 0; key < 9; key += 1) queue.add(`n${key}`);
    await pass(0);
    running.get('failed')?.fail();
    await pass(0);
    const before = began.length;
    queue.stop();
    queue.add('late');
    for (const { end } of running.values()) end();
    await pass(60_000);
    expect(began).toHaveLength(before);
    expect(vi.getTimerCount()).toBe(0);
    await queue.idle();
  });
});
