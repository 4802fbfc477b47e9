import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheRoot, sourceHash } from '../control-plane/cache.ts';
import { withLock } from '../control-plane/lock.ts';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * Returns the folder with the commands of the packages in `requirements.txt`. They are installed
 * once into a virtual environment in the cache. Throws without Python and its package index.
 */
export async function findPythonTools(): Promise<string> {
  const place = join(cacheRoot(process.env, 'python-tools'), sourceHash(here, ['requirements.txt']));
  const bin = join(place, 'bin');
  // A virtual environment has its path in its commands, so it cannot be renamed when it is whole.
  const finished = join(place, 'finished');
  const say = (line: string): void => void process.stderr.write(`python tools: ${line}\n`);
  if (existsSync(finished)) return bin;
  return await withLock(`${place}.lock`, say, async () => {
    if (existsSync(finished)) return bin;
    await rm(place, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', place]);
    await run(join(bin, 'pip'), [
      ...['install', '--quiet', '--no-deps', '--disable-pip-version-check'],
      ...['--requirement', join(here, 'requirements.txt')],
    ]);
    await writeFile(finished, '');
    return bin;
  });
}
