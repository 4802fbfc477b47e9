import { createReadStream } from 'node:fs';
import process from 'node:process';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FileError } from './problem.ts';

/**
 * Reads a text file line by line, in batches, without keeping it in memory: `-` is the standard
 * input. A file that begins as gzip does (RFC 1952) is unpacked, whatever its name is. Lines end at
 * a line feed, with or without a carriage return. Throws a {@link FileError} if the file cannot be
 * read, or ends in the middle of a packed member; the lines before have been handed out.
 */
export async function* readLines(path: string): AsyncGenerator<readonly string[]> {
  const name = path === '-' ? 'stdin' : path;
  const source: Readable = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: blockSize });
  try {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const block of await unpack(source)) {
      const lines = (rest + decoder.decode(block, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > lineLimit) throw new Error(`has a line of more than ${lineLimit} characters`);
      if (lines.length > 0) yield lines.map(withoutReturn);
    }
    rest += decoder.decode();
    if (rest !== '') yield [withoutReturn(rest)];
  } catch (error) {
    throw new FileError([{ file: name, position: undefined, path: [], message: sayFailure(error) }]);
  } finally {
    source.destroy();
  }
}

/** Larger blocks than Node's 64 KiB need fewer turns of the event loop. */
const blockSize = 1_048_576;

/** A whole answer of Loki's HTTP API is one line: 5,000 entries of at most some KiB. */
const lineLimit = 67_108_864;

/** The first two bytes of a gzip member. */
const magic = [0x1f, 0x8b] as const;

async function unpack(source: Readable): Promise<AsyncIterable<Uint8Array>> {
  const blocks: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]();
  let first = await blocks.next();
  while (!first.done && first.value.length < magic.length) {
    const more = await blocks.next();
    if (more.done) break;
    first = { done: false, value: Buffer.concat([first.value, more.value]) };
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    if (first.done) return;
    yield first.value;
    for (;;) {
      const { done, value } = await blocks.next();
      if (done) return;
      yield value;
    }
  }
  const isPacked = !first.done && magic.every((byte, index) => first.value[index] === byte);
  return isPacked ? pipe(whole()) : whole();
}

function pipe(blocks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  pipeline(Readable.from(blocks), gunzip, () => undefined);
  return gunzip;
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read (permission denied)',
  Z_BUF_ERROR: 'ends in the middle of its gzip data',
  Z_DATA_ERROR: 'is damaged: its gzip data cannot be unpacked',
};

function sayFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : undefined;
  return code === undefined ? error.message : (sentences[code] ?? `cannot be read (${code})`);
}
