// The commands of the README, for tests to type them as they stand there.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The kubectl commands of a section, in their order: those of its blocks, and those in its sentences. Without `kubectl` itself. */
export function commandsOf(title: string, file = 'README.md'): readonly string[] {
  const text = readFileSync(resolve(file), 'utf8');
  const [, section = ''] = text.split(new RegExp(`^## ${title}\n`, 'm'));
  const [own = ''] = section.split(/^## /m);
  return [...own.matchAll(/(?:^|`)kubectl ([^`\n]+)/gm)].map(([, command = '']) => command);
}
