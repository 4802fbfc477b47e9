import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The first line of the file, by which a later run (for example after a crash) knows that it may
 * overwrite it.
 */
const mark = '# Written by the Ringfence demo, which removes it when it ends.\n';

/**
 * Returns why `path` cannot be written, in one sentence. A kubeconfig of the person must never be
 * overwritten.
 */
export function findProblem(path: string): string | undefined {
  if (!existsSync(dirname(path))) return `there is no folder ${dirname(path)} to write a kubeconfig into`;
  if (!existsSync(path)) return undefined;
  if (!statSync(path).isFile()) return `${path} is not a file`;
  const content = readFileSync(path, 'utf8');
  return content === '' || content.startsWith(mark)
    ? undefined
    : `${path} exists and is not the demo's: name another file`;
}

/** Writes the whole file in one step, because a reader may wait for it. */
export function writeKubeconfigFile(path: string, content: string): void {
  const unfinished = `${path}.${process.pid}`;
  // The file contains the token of an administrator.
  writeFileSync(unfinished, `${mark}${content}`, { mode: 0o600 });
  renameSync(unfinished, path);
}

/** Removes the file of `writeKubeconfigFile`, but no file that has replaced it. */
export function removeKubeconfigFile(path: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8').startsWith(mark)) rmSync(path, { force: true });
}
