import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The interval at which the holder shows that it is alive (see `isStale`). */
const heartbeatMs = 2_000;
/** Twenty heartbeats. A machine under full load delays a timer by seconds, not by this much. */
const silenceMs = 40_000;
const pollMs = 500;
/** The interval of messages while waiting. It suits a build of nine minutes. */
const sayEveryMs = 15_000;

/**
 * Runs `work` while holding the lock file at `path`. It waits for another holder, with messages,
 * and takes over from a dead one. In a rare race, two processes may both take over. Therefore the
 * work must be harmless when it is done twice (here it ends in one rename).
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
 * Whether a lock is stale: its process has ended, or (if process ids are not shared, as between
 * containers) it has been silent for long.
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
    // Another process has removed it first.
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
  // An empty file: the holder has just made it and not yet written its id.
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
    // The lock was taken over. The work continues and is harmless when done twice.
  }
}
