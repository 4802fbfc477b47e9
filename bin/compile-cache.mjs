// Where Node keeps the compiled form of our modules between two runs of the command line.
import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import process from 'node:process';

/**
 * Turns Node's compile cache on, in `ringfence/compiled` of the user's own cache folder. Whoever can
 * write there decides what this program runs, so Node's default, a folder in /tmp, will not do.
 * Where no folder is safe (a read-only or a foreign home), nothing is kept and nothing is said.
 */
export function enable() {
  // Node does what these two say by itself.
  if (process.env['NODE_COMPILE_CACHE'] || process.env['NODE_DISABLE_COMPILE_CACHE']) return;
  try {
    const home = cacheHome();
    // Before anything is made: root must not leave folders in a user's home, nor make the home.
    if (!isPrivate(isStanding(home) ? home : dirname(home))) return;
    const folder = join(home, 'ringfence', 'compiled');
    makeFolder(folder);
    if (isPrivate(folder)) enableCompileCache(folder);
  } catch {
    // There is no home, or it cannot be written.
  }
}

/** The XDG Base Directory Specification: $XDG_CACHE_HOME if it is absolute, else ~/.cache. */
function cacheHome() {
  const given = process.env['XDG_CACHE_HOME'];
  return given && isAbsolute(given) ? given : join(homedir(), '.cache');
}

/** One at a time: Node's own `recursive` never ends in /proc, which some containers have as a home. */
function makeFolder(folder) {
  if (isStanding(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

function isStanding(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Whether only this user and root can change what a folder holds, or where its path leads. */
function isPrivate(folder) {
  // Windows has no such numbers; there nothing is kept.
  const user = process.getuid?.();
  if (user === undefined) return false;
  const path = realpathSync(folder);
  const parents = [path];
  while (dirname(parents.at(-1)) !== parents.at(-1)) parents.push(dirname(parents.at(-1)));
  return parents.every((parent) => {
    const { uid, mode } = statSync(parent);
    const isSticky = (mode & 0o1000) !== 0;
    // In a sticky folder, such as /tmp, others can neither move nor remove what is ours.
    const isClosed = (mode & 0o022) === 0 || (isSticky && parent !== path);
    return isClosed && (uid === user || uid === 0);
  });
}
