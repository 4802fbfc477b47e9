/** The annotation with the version of the release that wrote a webhook configuration. */
export const releaseAnnotation = 'ringfence.dev/release';

/**
 * Compares two releases by Semantic Versioning 2.0.0 (11). Returns a negative number if the first
 * is older, and undefined if one of them is not a version.
 */
export function compareReleases(one: string, other: string): number | undefined {
  const [first, second] = [readRelease(one), readRelease(other)];
  if (first === undefined || second === undefined) return undefined;
  for (const [index, number] of first.numbers.entries())
    if (number !== second.numbers[index]) return number - (second.numbers[index] ?? 0);
  if (first.preview === second.preview) return 0;
  // A preview comes before its release.
  if (first.preview === '' || second.preview === '') return first.preview === '' ? 1 : -1;
  return first.preview.localeCompare(second.preview, 'en', { numeric: true });
}

interface Release {
  readonly numbers: readonly number[];
  readonly preview: string;
}

function readRelease(text: string): Release | undefined {
  const parts = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]{1,64}))?(?:\+.{0,64})?$/.exec(text);
  if (parts === null) return undefined;
  const [, major, minor, patch, preview = ''] = parts;
  return { numbers: [Number(major), Number(minor), Number(patch)], preview };
}
