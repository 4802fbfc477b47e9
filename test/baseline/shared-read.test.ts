import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shareNext, withTimeout } from '../../src/baseline/shared-read.ts';
import { settleMicrotasks } from './cluster-double.ts';

describe('shared reads', () => {
  /** Reads that end when the test says so, each with its own number. */
  function controlled() {
    const begun: { readonly key: string; end(error?: Error): void }[] = [];
    const read = shareNext((key) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const number = begun.length;
      begun.push({ key, end: (error) => (error === undefined ? resolve(number) : reject(error)) });
      return promise;
    });
    return { begun, read };
  }

  it('never give a caller the answer to a read that began before it came', async () => {
    const { begun, read } = controlled();
    const first = read('shop');
    const late = [read('shop'), read('shop'), read('shop')];
    await settleMicrotasks();
    expect(begun).toHaveLength(1);
    begun[0]?.end();
    expect(await first).toBe(0);
    await settleMicrotasks();
    expect(begun).toHaveLength(2);
    const later = read('shop');
    begun[1]?.end();
    expect(await Promise.all(late)).toEqual([1, 1, 1]);
    await settleMicrotasks();
    begun[2]?.end();
    expect(await later).toBe(2);
    expect(begun).toHaveLength(3);
  });

  it('do not share between keys, and begin at once when nothing is under way', async () => {
    const { begun, read } = controlled();
    const shop = read('shop');
    const other = read('other');
    begun[1]?.end();
    expect(await other).toBe(1);
    const again = read('other');
    expect(begun.map(({ key }) => key)).toEqual(['shop', 'other', 'other']);
    begun[2]?.end();
    begun[0]?.end();
    expect(await again).toBe(2);
    expect(await shop).toBe(0);
  });

  it('go on after a failure: only those who shared it hear of it', async () => {
    const { begun, read } = controlled();
    const first = read('shop');
    const next = read('shop');
    begun[0]?.end(new Error('down'));
    await expect(first).rejects.toThrow('down');
    await settleMicrotasks();
    begun[1]?.end();
    expect(await next).toBe(1);
  });

  it('begin a new read for who comes between the end of one and the begin of the next', async () => {
    const { begun, read } = controlled();
    const first = read('shop');
    const next = read('shop');
    begun[0]?.end();
    const between = read('shop');
    await first;
    await settleMicrotasks();
    expect(begun).toHaveLength(2);
    begun[1]?.end();
    expect(await Promise.all([next, between])).toEqual([1, 1]);
  });
});

describe('shared reads that take long', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('hold up the next one only for a time, which counts from their begin', async () => {
    const begun: ((answer: number) => void)[] = [];
    const read = shareNext((_: string) => new Promise<number>((resolve) => void begun.push(resolve)), String, 1_000);
    const first = read('shop');
    await vi.advanceTimersByTimeAsync(600);
    const next = [read('shop'), read('shop')];
    await vi.advanceTimersByTimeAsync(399);
    expect(begun).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toHaveLength(2);
    // The first is still under way, and who comes now shares neither of them.
    const later = read('shop');
    begun[1]?.(2);
    expect(await Promise.all(next)).toEqual([2, 2]);
    begun[0]?.(1);
    expect(await first).toBe(1);
    await vi.advanceTimersByTimeAsync(0);
    begun[2]?.(3);
    expect(await later).toBe(3);
    expect(begun).toHaveLength(3);
  });
});

describe('a timeout', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('answers for work that does not end, and drops what comes later', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const bounded = withTimeout(promise, 1_000, 'the read');
    const heard = expect(bounded).rejects.toThrow('the read took longer than 1000 ms');
    await vi.advanceTimersByTimeAsync(1_000);
    await heard;
    reject(new Error('late'));
    await settleMicrotasks();
  });

  it('leaves no timer behind', async () => {
    await withTimeout(Promise.resolve(1), 1_000, 'it');
    await expect(withTimeout(Promise.reject(new Error('no')), 1_000, 'it')).rejects.toThrow('no');
    await settleMicrotasks();
    expect(vi.getTimerCount()).toBe(0);
  });
});
