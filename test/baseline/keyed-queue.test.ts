import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeyedQueue } from '../../src/baseline/keyed-queue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A queue whose runs end when the test says so. */
function setUp(random = () => 1) {
  const began: string[] = [];
  const running = new Map<string, { end(): void; fail(): void }>();
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
        running.set(key, { end: leave(resolve), fail: leave(() => reject(new Error('no'))) });
      });
    },
    onFailure: (key, _error, count, delayMs) => failures.push([key, count, delayMs]),
    random,
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

  it('never gives up a failing key, doubles its wait up to 30 s, and forgets all after a success', async () => {
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
      200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000, 30_000,
    ]);
    expect(began).toHaveLength(13);
    running.get('shop')?.end();
    await pass(100);
    expect(queue.failing()).toBe(0);
    queue.add('shop');
    await pass(0);
    running.get('shop')?.fail();
    await pass(0);
    expect(failures.at(-1)).toEqual(['shop', 1, 200]);
  });

  it('spreads its waits', async () => {
    const { queue, running, failures, pass } = setUp(() => 0);
    queue.add('shop');
    await pass(0);
    running.get('shop')?.fail();
    await pass(0);
    expect(failures).toEqual([['shop', 1, 100]]);
  });

  it('brings a long wait forward to half a second when there is news, and no further with more news', async () => {
    const { queue, began, running, failures, pass } = setUp();
    queue.add('shop');
    await pass(0);
    while ((failures.at(-1)?.[2] ?? 0) < 30_000) {
      running.get('shop')?.fail();
      await pass(0);
      if ((failures.at(-1)?.[2] ?? 0) < 30_000) await pass(failures.at(-1)?.[2] ?? 0);
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
