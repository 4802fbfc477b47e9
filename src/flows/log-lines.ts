import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import process from 'node:process';
import { decompressed } from './gzip.ts';

/** A flow log that cannot be read. The message begins with the file. */
export class FlowLogError extends Error {}

/**
 * A line may be a whole answer of an API with thousands of flows. A longer one is no line of a
 * log: it is cut here, and what is left is no JSON.
 */
const longestLine = 32 * 2 ** 20;

/** Large reads cost fewer turns of the event loop. */
export const chunkBytes = 2 ** 16;

export const newline = 0x0a;

/** The bytes of the files together; undefined if one is the standard input or a pipe. */
export async function totalOf(files: readonly string[]): Promise<number | undefined> {
  let total: number | undefined = 0;
  for (const file of files) {
    if (file === '-') {
      total = undefined;
      continue;
    }
    const found = await lookAt(file);
    if (found.isDirectory()) throw new FlowLogError(`${file}: is a folder; name the files in it`);
    total = total === undefined || !found.isFile() ? undefined : total + found.size;
  }
  return total;
}

/**
 * Calls `take` for each line of a file, without its end, or of the standard input for `-`. Content
 * that is compressed with gzip is known by its first two bytes (RFC 1952), and may end before its
 * time, as that of a file that is still written. `sawBytes` is told how many bytes of the file
 * were read. The next line waits for a promise that `take` returns. `input` is what is read
 * instead, where the file is still written.
 *
 * @returns whether compressed content has ended before its time
 * @throws FlowLogError that begins with the file
 */
export async function readLines(
  file: string,
  take: Take,
  sawBytes: (count: number) => void = () => undefined,
  input: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: chunkBytes }),
): Promise<{ readonly isCut: boolean }> {
  let isCut = false;
  try {
    const chunks = counted(input, sawBytes);
    const begin = await firstBytes(chunks);
    const content = joined(begin, chunks);
    const isCompressed = begin[0] === 0x1f && begin[1] === 0x8b;
    const sawCut = (): void => {
      isCut = true;
    };
    await splitLines(isCompressed ? decompressed(content, chunkBytes, sawCut) : content, take);
    return { isCut };
  } catch (error) {
    throw new FlowLogError(`${file}: ${wordsOf(error)}`);
  }
}

type Take = (line: string) => void | Promise<void>;

async function lookAt(file: string): Promise<Stats> {
  try {
    return await stat(file);
  } catch (error) {
    throw new FlowLogError(`${file}: ${wordsOf(error)}`);
  }
}

/** An error of reading a file, for a person. */
export function wordsOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'you may not read it';
  if (code === 'EISDIR') return 'is a folder; name the files in it';
  return code?.startsWith('Z_') === true ? `cannot be decompressed: ${message}` : message;
}

async function* counted(input: AsyncIterable<Buffer>, sawBytes: (count: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of input) {
    sawBytes(chunk.length);
    yield chunk;
  }
}

/** A pipe may give its first bytes one by one. */
async function firstBytes(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  let begin = Buffer.alloc(0);
  while (begin.length < 2) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    begin = Buffer.concat([begin, value]);
  }
  return begin;
}

async function* joined(begin: Buffer, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield begin;
  yield* chunks;
}

/**
 * Splits at line feeds, which are never part of a character in UTF-8. node:readline takes almost
 * twice the time.
 */
async function splitLines(chunks: AsyncIterable<Buffer>, take: Take): Promise<void> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      let taken: void | Promise<void>;
      if (parts.length === 0) taken = take(chunk.toString('utf8', from, at));
      else {
        keep(chunk.subarray(from, at));
        taken = take(Buffer.concat(parts).toString('utf8'));
        [parts, length] = [[], 0];
      }
      if (taken instanceof Promise) await taken;
      from = at + 1;
    }
    if (from < chunk.length) keep(chunk.subarray(from));
  }
  if (parts.length > 0) await take(Buffer.concat(parts).toString('utf8'));

  function keep(part: Buffer): void {
    length += part.length;
    if (length <= longestLine) parts.push(part);
  }
}
