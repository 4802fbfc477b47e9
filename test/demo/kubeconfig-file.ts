import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The first line of what we write, by which a later run (after a crash, say) knows that it may
 * write over it.
 */
const mark = '# Written by the Ringfence demo, which removes it when it ends.\n';

/**
 * Why nothing can be written to `path`, in one sentence: a kubeconfig of someone else's is worth
 * more than a demo.
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

/** Writes it whole or not at all: whoever waits for the file may read it as soon as it is there. */
export function writeKubeconfigFile(path: string, content: string): void {
  const unfinished = `${path}.${process.pid}`;
  // It holds an administrator's token.
  writeFileSync(unfinished, `${mark}${content}`, { mode: 0o600 });
  renameSync(unfinished, path);
}

/** Removes what `writeKubeconfigFile` wrote, and nothing that has taken its place. */
export function removeKubeconfigFile(path: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8').startsWith(mark)) rmSync(path, { force: true });
}
