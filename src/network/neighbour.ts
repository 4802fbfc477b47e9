import { digestOf, lazyDigestOf, type PolicyDigest } from './digest.ts';
import { readPolicy } from './read.ts';
import type { Policy } from './rules.ts';

/**
 * Another NetworkPolicy of the same namespace: its digest, and the whole policy for a check that
 * needs more.
 */
export interface Neighbour {
  readonly name: string;
  readonly digest: PolicyDigest;
  /** Units of work that reading it takes. */
  readonly work: number;
  /** The whole policy. It may be read again for each call. */
  readonly read: () => Policy | undefined;
}

/** The neighbour for a policy that the caller keeps whole. */
export function neighbourOf(policy: Policy): Neighbour {
  return { name: policy.name, digest: lazyDigestOf(policy), work: 0, read: () => policy };
}

/**
 * Reads a NetworkPolicy's `spec` and keeps only its digest. Undefined if it is no specification, or
 * has more entries than `entryLimit`.
 */
export function readNeighbour(
  spec: unknown,
  names: { readonly namespace: string; readonly name: string },
  entryLimit: number,
): Neighbour | undefined {
  const read = readPolicy(spec, names, entryLimit);
  if ('problems' in read) return undefined;
  return {
    name: names.name,
    digest: digestOf(read.policy),
    work: read.entries,
    read() {
      const again = readPolicy(spec, names, entryLimit);
      return 'policy' in again ? again.policy : undefined;
    },
  };
}
