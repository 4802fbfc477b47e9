import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isStale, withLock } from './lock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const silent = () => undefined;

it('lets one work at a time, tells the other why it waits, and is gone afterwards', async () => {
  const path = join(folder, 'lock');
  const order: string[] = [];
  const said: string[] = [];
  const { promise: waiting, resolve: letGo } = Promise.withResolvers<void>();
  const first = withLock(path, silent, async () => {
    order.push('first begins');
    await waiting;
    order.push('first ends');
  });
  const second = withLock(
    path,
    (line) => {
      said.push(line);
      letGo();
    },
    async () => void order.push('second'),
  );
  await Promise.all([first, second]);
  expect(order).toEqual(['first begins', 'first ends', 'second']);
  expect(said).toEqual([`another process (${process.pid}) is preparing the same: waiting for it`]);
  expect(existsSync(path)).toBe(false);
});

it('is released when the work fails', async () => {
  const path = join(folder, 'lock');
  const failing = withLock(path, silent, async () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

it('is taken over from a process that died', async () => {
  const path = join(folder, 'lock');
  const dead = spawnSync(process.execPath, ['--version']).pid;
  writeFileSync(path, String(dead));
  expect(await withLock(path, silent, async () => 'done')).toBe('done');
});

it('is stale after a long silence only, when its process lives', () => {
  const path = join(folder, 'lock');
  writeFileSync(path, String(process.pid));
  expect(isStale(path)).toBe(false);
  const hourAgo = new Date(Date.now() - 3_600_000);
  utimesSync(path, hourAgo, hourAgo);
  expect(isStale(path)).toBe(true);
});
