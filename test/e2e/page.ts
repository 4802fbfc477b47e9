// The commands of a documentation page, for tests that run them unchanged.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Returns the kubectl commands of a page in their order, from its blocks and its sentences, without
 * `kubectl` itself.
 */
export function commandsOf(page: string): readonly string[] {
  const text = readFileSync(resolve(page), 'utf8');
  return [...text.matchAll(/(?:^|`)kubectl ([^`\n]+)/gm)].map(([, command = '']) => command);
}
