// The commands of a page of the documentation, for tests to type them as they stand there.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The kubectl commands of a page, in their order: those of its blocks, and those in its sentences.
 * Without `kubectl` itself.
 */
export function commandsOf(page: string): readonly string[] {
  const text = readFileSync(resolve(page), 'utf8');
  return [...text.matchAll(/(?:^|`)kubectl ([^`\n]+)/gm)].map(([, command = '']) => command);
}
