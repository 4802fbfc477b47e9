import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often the holder shows that it lives; see `isStale`. */
const heartbeatMs = 2_000;
/** Twenty heartbeats: a machine under full load delays a timer by seconds, not by this much. */
const silenceMs = 40_000;
const pollMs = 500;
/** Often enough to see that it is alive, seldom enough for a log of a nine-minute build. */
const sayEveryMs = 15_000;

/**
 * Runs `work` while holding the lock file at `path`; waits for another holder, saying so, and takes
 * over from one that died. Two processes may in a rare race both believe that they took over: work
 * done under this lock must be harmless when done twice (ours ends in one rename).
 */
export async function withLock<T>(path: string, say: (line: string) => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  let saidAt = 0;
  while (!acquire(path)) {
    if (isStale(path)) {
      takeAway(path);
      continue;
    }
    if (Date.now() - saidAt > sayEveryMs) {
      say(`another process (${readHolder(path)}) is preparing the same: waiting for it`);
      saidAt = Date.now();
    }
    await sleep(pollMs);
  }
  const heartbeat = setInterval(() => touch(path), heartbeatMs);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(path, { force: true });
  }
}

/**
 * Stale: its process is gone, or (where process ids are not shared, as between containers) it has
 * been silent for long.
 */
export function isStale(path: string, now: number = Date.now()): boolean {
  try {
    const silent = now - statSync(path).mtimeMs > silenceMs;
    return silent || !isAlive(Number(readHolder(path)));
  } catch {
    return false;
  }
}

function acquire(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function takeAway(path: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    rmSync(aside, { force: true });
  } catch {
    // Someone else took it away first.
  }
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  // Empty: the holder has made the file and not yet written its id, which is a sign of life.
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Taken away: the work goes on, and is harmless when done twice.
  }
}
