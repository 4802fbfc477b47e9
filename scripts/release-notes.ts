// Prints the notes of a release: its section of CHANGELOG.md. `node scripts/release-notes.ts
// v0.2.0` fails if package.json has another version, or if there is nothing to say.
import { readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * Returns the section of a version from a changelog (Keep a Changelog 1.1.0), without its heading.
 * Throws an Error if there is none, or if it is empty.
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const titles = sections.map((section) => section.split('\n')[0] ?? '');
  // `## [0.2.0] - 2027-01-31`, with or without brackets and date.
  const at = titles.findIndex((title) => /^\[?([^\]\s]+)\]?(?: - \d{4}-\d{2}-\d{2})?$/.exec(title)?.[1] === version);
  if (at === -1)
    throw new Error(`CHANGELOG.md: there is no section "## ${version} - DATE"; its sections are ${titles.join(', ')}`);
  const notes = (sections[at] ?? '').slice((titles[at] ?? '').length).trim();
  if (!/^- /m.test(notes)) throw new Error(`CHANGELOG.md: the section of ${version} has no entry`);
  return `${notes}\n`;
}

/** Returns the version that a tag names: `v0.2.0`. Throws an Error if the package has another. */
export function versionOf(tag: string, packageText: string): string {
  const { version } = JSON.parse(packageText) as { readonly version: string };
  if (tag !== `v${version}`) throw new Error(`the tag is ${tag}, and package.json has the version ${version}`);
  return version;
}

if (import.meta.main) {
  try {
    const [tag] = process.argv.slice(2);
    if (tag === undefined) throw new Error('name the tag: node scripts/release-notes.ts v0.2.0');
    const root = new URL('../', import.meta.url);
    const version = versionOf(tag, readFileSync(new URL('package.json', root), 'utf8'));
    process.stdout.write(releaseNotes(readFileSync(new URL('CHANGELOG.md', root), 'utf8'), version));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
