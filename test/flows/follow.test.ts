import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type FollowedLogs, followLogs } from '../../src/flows/follow.ts';
import { isEndless } from '../../src/flows/growing.ts';
import type { Keeping } from '../../src/flows/reading.ts';
import { lineOf, podOf, tcp } from './hubble-lines.ts';
import { textOf } from './text.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-follow-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'log.jsonl');
const line = (port: number) => `${lineOf({ l4: tcp(port) })}\n`;
const flowTo = (port: number) => `shop/deployment/web > shop/pod/api-7857758574-x2k4q TCP ${port} happened`;

let looks = 0;
/** No time passes: a look at the file follows the other as soon as the reader lets it. */
const follow = (files: readonly string[], keeping: Keeping = {}) =>
  followLogs(files, keeping, () => {
    looks += 1;
    return setImmediate();
  });

/** Waits until so many lines have come. */
async function untilLines(logs: FollowedLogs, count: number): Promise<void> {
  while (logs.now().lines < count) await setImmediate();
}

beforeEach(() => writeFileSync(file, line(1)));

describe('a file that grows', () => {
  it('is read from now on, line by line, and what has come is known at any time', async () => {
    const logs = await follow([file]);
    appendFileSync(file, line(2));
    await untilLines(logs, 1);
    expect(textOf(logs.now().observation)).toEqual([flowTo(2)]);
    appendFileSync(file, line(3).slice(0, 40));
    appendFileSync(file, `${line(3).slice(40)}no JSON\n`);
    const { observation, lines, troubles } = await logs.stop();
    expect([textOf(observation), lines, troubles]).toEqual([[flowTo(2), flowTo(3)], 3, []]);
    expect(observation.malformed).toBe(1);
  });

  it('to which nothing was added has no hole: whoever follows it counts the lines', async () => {
    const logs = await follow([file]);
    const { observation, lines, troubles } = await logs.stop();
    expect([observation.holes, lines, troubles]).toEqual([[], 0, []]);
  });

  it('goes on after a rotation, and after it was cut', async () => {
    const logs = await follow([file]);
    renameSync(file, `${file}.1`);
    appendFileSync(`${file}.1`, line(2));
    writeFileSync(file, line(3));
    await untilLines(logs, 2);
    truncateSync(file, 0);
    for (const before = looks; looks < before + 2; ) await setImmediate();
    appendFileSync(file, line(4));
    await untilLines(logs, 3);
    expect(textOf((await logs.stop()).observation)).toEqual([2, 3, 4].map(flowTo));
  });

  it('begins after its last whole line, so that a line in the making is read whole', async () => {
    appendFileSync(file, line(2).slice(0, 100));
    const logs = await follow([file]);
    appendFileSync(file, line(2).slice(100));
    await untilLines(logs, 1);
    const { observation } = await logs.stop();
    expect([textOf(observation), observation.malformed]).toEqual([[flowTo(2)], 0]);
  });

  it.each<[string, () => string, RegExp]>([
    ['is not there', () => join(folder, 'nowhere'), /nowhere: there is no such file; nobody reads it any more$/],
    [
      'is compressed',
      () => {
        writeFileSync(`${file}.gz`, gzipSync(line(1)));
        return `${file}.gz`;
      },
      /log\.jsonl\.gz: is compressed, so what is added to it cannot be followed; nobody/,
    ],
  ])('that %s is named, and the others are read', async (_, other, trouble) => {
    const logs = await follow([other(), file]);
    appendFileSync(file, line(2));
    const { observation, troubles } = await logs.stop();
    expect([textOf(observation), troubles]).toEqual([[flowTo(2)], [expect.stringMatching(trouble)]]);
  });

  it('in which no line can be read is named while it is read', async () => {
    const logs = await follow([file]);
    appendFileSync(file, 'Nov 29 12:00:00.000: shop/web (ID:1) -> shop/api (ID:2) policy-verdict:none DENIED\n');
    await untilLines(logs, logs.now().lines + 1);
    expect(logs.now().troubles).toEqual([
      expect.stringMatching(/log\.jsonl: no line so far is one of .*Cilium Hubble/),
    ]);
    await logs.stop();
  });
});

describe('a pipe', () => {
  const fifo = join(folder, 'fifo');

  it('is read as it comes, also before somebody writes to it, and its reader can be ended', async () => {
    execFileSync('mkfifo', [fifo]);
    expect([await isEndless(fifo), await isEndless(file)]).toEqual([true, false]);
    const logs = await follow([fifo]);
    const writer = promisify(execFile)('sh', ['-c', `printf '%s' "$0" > ${fifo}`, `${line(2)}${line(3)}`]);
    await untilLines(logs, 2);
    await writer;
    expect(textOf((await logs.stop()).observation)).toEqual([2, 3].map(flowTo));
  });

  const compressed = gzipSync(`${line(2)}${line(3)}`);

  it('may be compressed, and is not called cut where its reader has ended it', async () => {
    const logs = await follow([fifo]);
    const parts = gzipSync(`${line(2)}${line(3)}`, { finishFlush: constants.Z_SYNC_FLUSH });
    const writer = promisify(execFile)('sh', [
      '-c',
      `printf '%s' "$0" | base64 -d > ${fifo}`,
      parts.toString('base64'),
    ]);
    await untilLines(logs, 2);
    await writer;
    const { observation, troubles } = await logs.stop();
    expect([textOf(observation), troubles, observation.holes]).toEqual([[2, 3].map(flowTo), [], []]);
  });

  it.each<[string, Buffer, string]>([
    ['is whole', compressed, 'the flow log has ended, after 2 lines'],
    [
      'is cut',
      compressed.subarray(0, -8),
      'the flow log has ended in the middle of its compressed content, after 2 lines',
    ],
  ])('of compressed lines that has ended is named, and says if it %s', (_, input, said) => {
    const program = `
      import { setImmediate } from 'node:timers/promises';
      import { followLogs } from './src/flows/follow.ts';
      const logs = await followLogs(['-'], {}, () => setImmediate());
      while (logs.now().troubles.length === 0) await setImmediate();
      console.log(logs.now().troubles.join());`;
    const args = ['--input-type=module', '--eval', program];
    expect(String(execFileSync(process.execPath, args, { input }))).toBe(`-: ${said}\n`);
  });

  it('that has ended is named', async () => {
    const logs = await follow(['/dev/null']);
    while (logs.now().troubles.length === 0) await setImmediate();
    expect((await logs.stop()).troubles).toEqual(['/dev/null: the flow log has ended, after 0 lines']);
  });
});

describe('what is kept', () => {
  it('is what was asked for, and of more flows than the limit the lines are counted', async () => {
    const logs = await follow([file], { keeps: ({ port }) => port !== 2, mostFlows: 2 });
    appendFileSync(file, [2, 3, 4, 5, 5, 3].map(line).join(''));
    const { observation, lines, beyond } = await logs.stop();
    expect(textOf(observation)).toEqual([3, 4].map(flowTo));
    expect(observation.flows.map(({ sightings }) => sightings)).toEqual([2, 1]);
    expect([lines, beyond]).toEqual([6, 2]);
  });

  it('has the workloads of lines that are not kept', async () => {
    const source = { ...podOf('red', { isLocal: false }) };
    const logs = await follow([file], { keeps: ({ port }) => port === 9 });
    const local = lineOf({ source: { ...podOf('red'), workloads: [{ kind: 'Deployment', name: 'red' }] } });
    appendFileSync(file, `${lineOf({ source, l4: tcp(9) })}\n${local}\n`);
    expect(textOf((await logs.stop()).observation)).toEqual([
      'shop/deployment/red > shop/pod/api-7857758574-x2k4q TCP 9 happened',
    ]);
  });
});
