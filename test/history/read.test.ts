import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasDoubts, readAuditLog } from '../../src/history/read.ts';
import { findHoles } from '../../src/history/replay.ts';
import { pod, podLabels, request } from '../admission/scene.ts';
import { configOf, lineOf } from './admissions.ts';

const folder = mkdtempSync(join(tmpdir(), 'read-'));
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('what a file of audit lines lacks is named, beside files that are whole', () => {
  let [line, whole] = ['', ''];
  beforeAll(async () => {
    line = await lineOf(request('Pod', pod(podLabels)), { namespace: podLabels }, configOf({ mode: 'warn' }));
    whole = put('whole.log', line);
  });

  const read = async (...files: string[]) => {
    const reading = await readAuditLog(files, () => undefined);
    return { holes: findHoles(reading, 1), isDoubted: hasDoubts({ reading, undecided: { lines: 0 } }) };
  };

  it.each<[what: string, file: () => string, hole: RegExp]>([
    [
      'compressed content that is cut',
      () => put('cut.gz', gzipSync(line.repeat(3)).subarray(0, -4)),
      /^the compressed content of .+cut\.gz ends in the middle/,
    ],
    ['no line', () => put('empty.log', ''), /^there is no line in .+empty\.log$/],
    ['no audit line', () => put('other.log', 'hello\n'), /^no line of .+other\.log is an audit line$/],
  ])('%s', async (_, other, hole) => {
    expect(await read(whole, other())).toEqual({ holes: [expect.stringMatching(hole)], isDoubted: true });
  });

  it('nothing, of files that are whole, and of a replica that was asked nothing', async () => {
    const idle = put('idle.log', '{"level":"info","time":"2026-11-22T00:00:00.000Z","port":8443,"msg":"serving"}\n');
    expect(await read(whole, idle)).toEqual({ holes: [], isDoubted: false });
    expect(await read(whole, put('whole.gz', gzipSync(line)))).toEqual({ holes: [], isDoubted: false });
  });
});
