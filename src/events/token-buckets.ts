/**
 * Token buckets by key. Each holds a burst, and is refilled at a steady rate.
 */
export interface TokenBuckets {
  /** Takes a token if more than `reserve` are left, and says whether it did. */
  take(key: string, reserve?: number): boolean;
}

export interface TokenBucketsOptions {
  readonly burst: number;
  readonly perMinute: number;
  /**
   * How many keys are remembered at most. While all of them are short of tokens, a new key gets no
   * token.
   */
  readonly keys: number;
}

export function createTokenBuckets({ burst, perMinute, keys }: TokenBucketsOptions): TokenBuckets {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const fill = (bucket: { tokens: number; at: number }, now: number): number =>
    Math.min(burst, bucket.tokens + ((now - bucket.at) / 60_000) * perMinute);

  /** A missing bucket counts as full, so a full one need not be kept. */
  function forgetFull(now: number): void {
    for (const [key, bucket] of buckets) if (fill(bucket, now) === burst) buckets.delete(key);
  }

  return {
    take(key, reserve = 0) {
      const now = performance.now();
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= keys) forgetFull(now);
        if (buckets.size >= keys) return false;
        bucket = { tokens: burst, at: now };
        buckets.set(key, bucket);
      }
      bucket.tokens = fill(bucket, now);
      bucket.at = now;
      if (bucket.tokens < reserve + 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
}
