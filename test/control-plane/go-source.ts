import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { describePrepared } from '../continuous-integration.ts';
import { cacheRoot } from './cache.ts';

/** A version of a Go module, and the hash of its files (go.sum). */
export interface GoSource {
  readonly module: string;
  readonly version: string;
  readonly sum: string;
  /** The files that are read, by their paths in the module. */
  readonly files: readonly string[];
}

/**
 * Returns a folder with the files. They are kept in the cache, by the sum of their module, because
 * a module may have 100 MB. The first call downloads it. Throws without Go or without a proxy, and
 * if the module does not match the sum.
 */
export async function downloadSource(source: GoSource): Promise<string> {
  const { module, version, sum, files } = source;
  const folder = join(cacheRoot(process.env, 'sources'), encodeURIComponent(`${module}@${version} ${sum}`));
  const missing = files.filter((file) => !existsSync(join(folder, file)));
  if (missing.length === 0) return folder;
  const whole = await downloadModule(source);
  for (const file of missing) {
    const kept = join(folder, file);
    await mkdir(dirname(kept), { recursive: true });
    // Another worker may do the same. A file that is there is whole.
    await copyFile(join(whole, file), `${kept}.${process.pid}`);
    await rename(`${kept}.${process.pid}`, kept);
  }
  return folder;
}

/** Returns the folder of a module in Go's own cache. */
async function downloadModule({ module, version, sum }: GoSource): Promise<string> {
  // Run outside every module, so that no go.mod requires another Go. If the command fails, Go
  // prints the reason on stdout.
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', `${module}@${version}`], {
    cwd: tmpdir(),
    env: { ...process.env, GOWORK: 'off', GOFLAGS: '-mod=mod' },
  }).catch((error: { readonly message: string; readonly stdout?: string }) => {
    throw new Error(`${error.message.trimEnd()}: ${error.stdout ?? ''}`);
  });
  const { Dir, Sum } = JSON.parse(stdout) as { readonly Dir: string; readonly Sum: string };
  if (Sum !== sum) throw new Error(`${module}@${version} is ${Sum}, and not ${sum}`);
  return Dir;
}

/**
 * `describe` with the folders of Go modules. If they cannot be downloaded, the tests are skipped
 * and the reason is printed; with CI=true they fail.
 */
export async function describeWithSources(
  title: string,
  sources: readonly GoSource[],
  body: (folders: readonly string[]) => void,
): Promise<void> {
  await describePrepared(
    title,
    () => Promise.all(sources.map(downloadSource)),
    'install Go (https://go.dev/dl), and let it reach its module proxy',
    body,
  );
}
