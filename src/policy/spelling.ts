import { closestMatch } from 'leven';

/**
 * The candidate nearest to a text, or undefined where none is near enough to be a slip of the keyboard:
 * at most two edits, and never more than half of the text (else every three-letter word would resemble every other).
 */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  const prefix =
    text.length < 3
      ? undefined
      : candidates.filter((candidate) => text.startsWith(candidate) || candidate.startsWith(text));
  if (prefix?.length === 1) return prefix[0];
  // A label value has at most 63 characters; a longer text is no slip, and the distance is quadratic.
  // Nor did a person write a thousand labels: three megabytes of them would keep the event loop for a second.
  if (text.length > 63 || candidates.length > 1000) return undefined;
  const lower = text.toLowerCase();
  const sorted = letters(lower);
  // Two letters swapped are two edits, which is too many for a short word, and yet the most common slip.
  const swapped = candidates.find(
    (candidate) => candidate !== lower && candidate.length === text.length && letters(candidate) === sorted,
  );
  if (swapped !== undefined) return swapped;
  return closestMatch(lower, [...candidates], { maxDistance: Math.min(2, Math.floor(lower.length / 2)) });
}

function letters(text: string): string {
  return [...text].sort((a, b) => a.localeCompare(b)).join('');
}
