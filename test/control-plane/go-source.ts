import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { describe, it } from 'vitest';
import { isContinuousIntegration } from '../continuous-integration.ts';

/** A version of a Go module, and the hash of its files (go.sum). */
export interface GoSource {
  readonly module: string;
  readonly version: string;
  readonly sum: string;
}

/**
 * Returns the folder of a module's files in Go's own module cache. The first call downloads them.
 * Throws without Go or without a proxy, and if the files do not match the sum.
 */
export async function downloadSource({ module, version, sum }: GoSource): Promise<string> {
  // Run outside every module, so that no go.mod requires another Go. If the command fails, Go
  // prints the reason on stdout.
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', `${module}@${version}`], {
    cwd: tmpdir(),
    env: { ...process.env, GOWORK: 'off', GOFLAGS: '-mod=mod' },
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
  try {
    const folders = await Promise.all(sources.map(downloadSource));
    describe(title, () => body(folders));
  } catch (error) {
    const reason = `${title}: ${error instanceof Error ? error.message : String(error)}`;
    if (isContinuousIntegration())
      describe(title, () => {
        it('has the Go modules to read', () => {
          throw new Error(`${reason}. Remedy: install Go (https://go.dev/dl), and let it reach its module proxy`);
        });
      });
    else {
      process.stderr.write(`skipped: ${reason}\n`);
      describe.skip(title, () => {
        it('has the Go modules to read', () => undefined);
      });
    }
  }
}
