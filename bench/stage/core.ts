import { existsSync } from 'node:fs';
import process from 'node:process';

/**
 * Node on the first core, where taskset(1) is there: a server under load has that one, the load and
 * all else share the others.
 */
export function onFirstCore(args: readonly string[]): { readonly file: string; readonly arguments: readonly string[] } {
  const taskset = '/usr/bin/taskset';
  return existsSync(taskset)
    ? { file: taskset, arguments: ['-c', '0', process.execPath, ...args] }
    : { file: process.execPath, arguments: args };
}
