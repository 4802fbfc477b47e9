import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenBuckets } from '../../src/events/token-buckets.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const options = { burst: 3, perMinute: 6, keys: 2 };

/** Returns how many of a hundred tokens it gets. */
function drain(buckets: ReturnType<typeof createTokenBuckets>, key: string): number {
  return Array.from({ length: 100 }, () => buckets.take(key)).filter(Boolean).length;
}

describe('token buckets', () => {
  it('give a burst, then as many as time brings, and never more than a burst', () => {
    const buckets = createTokenBuckets(options);
    expect(drain(buckets, 'shop')).toBe(3);
    vi.advanceTimersByTime(9_999);
    expect(drain(buckets, 'shop')).toBe(0);
    vi.advanceTimersByTime(1);
    expect(drain(buckets, 'shop')).toBe(1);
    vi.advanceTimersByTime(3_600_000);
    expect(drain(buckets, 'shop')).toBe(3);
  });

  it('are apart', () => {
    const buckets = createTokenBuckets(options);
    expect([drain(buckets, 'shop'), drain(buckets, 'lab')]).toEqual([3, 3]);
  });

  it('leave a reserve to those who may take it', () => {
    const buckets = createTokenBuckets(options);
    expect([buckets.take('shop', 2), buckets.take('shop', 2)]).toEqual([true, false]);
    expect(drain(buckets, 'shop')).toBe(2);
  });

  it('remember so many keys at most, and forget those that are full again', () => {
    const buckets = createTokenBuckets(options);
    buckets.take('shop');
    buckets.take('lab');
    expect(buckets.take('new')).toBe(false);
    vi.advanceTimersByTime(10_000);
    expect(buckets.take('new')).toBe(true);
  });
});
