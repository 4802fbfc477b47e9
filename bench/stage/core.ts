import { existsSync } from 'node:fs';
import process from 'node:process';

/**
 * Runs Node on the first core if taskset(1) exists. A server under load has that core to itself.
 * The load and everything else share the others.
 */
export function onFirstCore(args: readonly string[]): { readonly file: string; readonly arguments: readonly string[] } {
  const taskset = '/usr/bin/taskset';
  return existsSync(taskset)
    ? { file: taskset, arguments: ['-c', '0', process.execPath, ...args] }
    : { file: process.execPath, arguments: args };
}
