import { createHash } from 'node:crypto';
import type { PolicyConfig } from '../policy/check.ts';

/**
 * Returns a digest of the rules by which NetworkPolicies are judged: the vocabulary, the required
 * labels and the network section. Two configurations with the same digest judge alike, whatever
 * their modes, caps, exceptions and texts are. 16 hexadecimal digits.
 */
export function rulesDigest({ taxonomy, network }: Pick<PolicyConfig, 'taxonomy' | 'network'>): string {
  const keys = [...taxonomy.keys.values()].map(({ key, values, pattern, agrees }) => [
    key,
    values?.toSorted(),
    pattern?.source,
    agrees,
  ]);
  const required = Object.entries(taxonomy.required).map(([role, names]) => [role, names.toSorted()]);
  // The order of a mapping in the file changes no verdict.
  const parts = [...keys, ...required].map((part) => JSON.stringify(part)).sort(inOrder);
  return createHash('sha256')
    .update(JSON.stringify([parts, network]))
    .digest('hex')
    .slice(0, 16);
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
