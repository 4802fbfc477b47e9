import { closestMatch } from 'leven';

/**
 * The candidate nearest to a text, or undefined where none is near enough to be a slip of the
 * keyboard: at most two edits, and never more than half of the text (else every three-letter word
 * would resemble every other).
 */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  const prefix =
    text.length < 3
      ? undefined
      : candidates.filter((candidate) => text.startsWith(candidate) || candidate.startsWith(text));
  if (prefix?.length === 1) return prefix[0];
  // A label value has at most 63 characters; a longer text is no slip, and the distance is
  // quadratic. Nor did a person write a thousand labels: three megabytes of them would keep the
  // event loop for a second.
  if (text.length > 63 || candidates.length > 1000) return undefined;
  const lower = text.toLowerCase();
  // Two letters swapped are two edits, which is too many for a short word, and yet the most common
  // slip.
  const swapped = candidates.find((candidate) => candidate !== lower && isRearranged(candidate, lower));
  if (swapped !== undefined) return swapped;
  const maxDistance = Math.min(2, Math.floor(lower.length / 2));
  // One that is longer or shorter by more is further away.
  const similar = candidates.filter(({ length }) => Math.abs(length - lower.length) <= maxDistance);
  return similar.length === 0 ? undefined : closestMatch(lower, similar, { maxDistance });
}

/** Whether two texts have the same letters, each as often. */
function isRearranged(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let left = other;
  for (const letter of one) left = left.replace(letter, '');
  return left === '';
}
