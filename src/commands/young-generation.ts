import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's space for young objects at its first size. Reading and answering make much garbage.
 * V8 would let this space grow to 48 MB and use all of it, and would keep what survives it in the
 * old space for long. With the limit, the peak memory for a world of 10,000 Pods is 245 MB instead
 * of 347 MB, and for `check` of 50,000 objects 364 MB instead of 525 MB. Both take no longer
 * (measured).
 */
export function limitYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
