// The previous release: its sources and manifests from the history of the repository, with the
// dependencies in its lock file.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot } from '../control-plane/cache.ts';

/** The commit of the release from which the upgrade starts. Change it with each release. */
export const previousRelease = '3fc500751fcd92147a30ad4637e0a5d25e6b3e29';

/** Whether the history of this checkout contains the commit. A shallow clone may not. */
export async function isInHistory(commit: string): Promise<boolean> {
  return run('git', ['cat-file', '-e', `${commit}^{commit}`]).then(
    () => true,
    () => false,
  );
}

/**
 * Returns the folder of that release, which is made once for each machine. The first time takes a
 * quarter of a minute.
 */
export async function checkOut(commit: string): Promise<string> {
  const folder = cacheRoot(process.env, join('releases', commit));
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}-`);
  try {
    const archive = join(draft, 'archive.tar');
    await run('git', ['archive', '--output', archive, commit]);
    await run('tar', ['-xf', archive, '-C', draft]);
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: draft });
    // A faster process has made the same folder.
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

const run = promisify(execFile);
