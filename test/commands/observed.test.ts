import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it, onTestFinished } from 'vitest';
import { openLogs } from '../../src/commands/observed.ts';
import { hubbleLine } from './hubble-line.ts';

const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'ringfence-logs-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};
const line = (port: number) => `${hubbleLine('front/web-1/web', 'orders/api-1/api', port)}\n`;

it('reads a log that has grown, was written anew or was replaced, and no other', async () => {
  const [file, other] = [join(folder(), 'flows.log'), join(folder(), 'other.log')];
  writeFileSync(file, line(8080));
  writeFileSync(other, line(9090));
  const logs = await openLogs([file, other]);
  const ports = async () => (await logs.read()).flows.map(({ port }) => port).sort();
  const first = await logs.read();
  expect(await ports()).toEqual([8080, 9090]);
  expect(await logs.read()).toBe(first);
  appendFileSync(file, line(5432));
  expect(await ports()).toEqual([5432, 8080, 9090]);
  writeFileSync(file, line(53));
  expect(await ports()).toEqual([53, 9090]);
  expect(logs.lookedAt()).toBeGreaterThan(Date.now() - 60_000);
});

it('says which log is gone, and reads it when it is back', async () => {
  const file = join(folder(), 'flows.log');
  writeFileSync(file, line(8080));
  const logs = await openLogs([file]);
  await logs.read();
  rmSync(file);
  await expect(logs.read()).rejects.toThrow(`${file}: there is no such file`);
  writeFileSync(file, line(8080));
  expect((await logs.read()).flows).toHaveLength(1);
});

it.skipIf(process.platform === 'win32')('refuses what can be read only once: standard input and pipes', async () => {
  const pipe = join(folder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const file of ['-', pipe])
    await expect(openLogs([file])).rejects.toThrow(
      `${file}: a pipe can be read only once, and view reads its logs again; write them to a file`,
    );
});
