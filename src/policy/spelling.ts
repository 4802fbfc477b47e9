import { closestMatch } from 'leven';

/**
 * Returns the candidate that was probably meant by a misspelt text; undefined if none is near
 * enough. A candidate is near if it is the only one with a common beginning, if it has the same
 * letters, or if it differs by at most two edits and at most half of the letters.
 */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  const prefix =
    text.length < 3
      ? undefined
      : candidates.filter((candidate) => text.startsWith(candidate) || candidate.startsWith(text));
  if (prefix?.length === 1) return prefix[0];
  // The cost of the distance is quadratic, so its input is limited. A label value has at most 63
  // characters, and no person writes a thousand labels. Three megabytes of labels would block the
  // event loop for a second.
  if (text.length > 63 || candidates.length > 1000) return undefined;
  const lower = text.toLowerCase();
  // Two swapped letters are the most common mistake, but they count as two edits, which is too many
  // for a short word.
  const swapped = candidates.find((candidate) => candidate !== lower && isRearranged(candidate, lower));
  if (swapped !== undefined) return swapped;
  const maxDistance = Math.min(2, Math.floor(lower.length / 2));
  // The difference in length is a lower bound of the distance.
  const similar = candidates.filter(({ length }) => Math.abs(length - lower.length) <= maxDistance);
  return similar.length === 0 ? undefined : closestMatch(lower, similar, { maxDistance });
}

/** Whether two texts have the same letters in another order. */
function isRearranged(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let left = other;
  for (const letter of one) left = left.replace(letter, '');
  return left === '';
}
