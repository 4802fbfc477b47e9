import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readLines } from '../../src/documents/line-stream.ts';

const folder = mkdtempSync(join(tmpdir(), 'lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function linesOf(content: Uint8Array | string, name = 'a.log'): Promise<string[]> {
  const file = join(folder, name);
  writeFileSync(file, content);
  const lines: string[] = [];
  for await (const batch of readLines(file)) lines.push(...batch);
  return lines;
}

describe('the lines of a file', () => {
  it.each<[string, Uint8Array | string, string[]]>([
    ['with a last line feed', 'a\nb\n', ['a', 'b']],
    ['without one', 'a\nb', ['a', 'b']],
    ['with carriage returns', 'a\r\nb\r\n', ['a', 'b']],
    ['with empty lines', '\n\na\n', ['', '', 'a']],
    ['of an empty file', '', []],
    ['of one byte', 'a', ['a']],
    ['packed, whatever the name', gzipSync('a\nb\n'), ['a', 'b']],
    ['of two packed members', Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]), ['a', 'b']],
  ])('%s', async (_, content, lines) => {
    expect(await linesOf(content)).toEqual(lines);
  });

  it('come whole where a block ends inside a character', async () => {
    const line = 'é'.repeat(700_001);
    expect(await linesOf(`x${line}\n${line}\n`)).toEqual([`x${line}`, line]);
  });
});

describe('a file that cannot be read is named', () => {
  it('if it is not there', async () => {
    await expect(readLines(join(folder, 'none')).next()).rejects.toThrow(/none: there is no such file$/);
  });

  it('if it is a folder', async () => {
    await expect(readLines(folder).next()).rejects.toThrow(/: is a folder, not a file$/);
  });

  it('if its packed content is cut or damaged', async () => {
    const packed = gzipSync('a\n'.repeat(1000));
    await expect(linesOf(packed.subarray(0, packed.length - 12))).rejects.toThrow(
      'ends in the middle of its gzip data',
    );
    await expect(linesOf(Buffer.concat([packed.subarray(0, 10), Buffer.from('xxxxxxxx')]))).rejects.toThrow(
      'is damaged: its gzip data cannot be unpacked',
    );
  });
});
