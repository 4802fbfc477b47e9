import { type BigIntStats, constants, createReadStream, fstatSync, openSync, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import process from 'node:process';
import { chunkBytes, FlowLogError, newline, wordsOf } from './log-lines.ts';

/** How a growing file is waited for. */
export interface Patience {
  readonly signal: AbortSignal;
  /** Resolves after the pause between two looks at a file, or when the signal aborts. */
  readonly pause: () => Promise<void>;
}

/**
 * Whether a file is a stream, whose end nobody knows: a pipe, a terminal, a device. `-` is the
 * standard input. Throws {@link FlowLogError} if it cannot be looked at.
 */
export async function isEndless(file: string): Promise<boolean> {
  try {
    return !(file === '-' ? fstatSync(0) : await stat(file)).isFile();
  } catch (error) {
    throw new FlowLogError(`${file}: ${wordsOf(error)}`);
  }
}

/**
 * Opens what is written to a file from now on, or what comes through a pipe. It ends with the
 * pipe, or when the signal aborts.
 */
export async function openGrowth(file: string, patience: Patience): Promise<AsyncIterable<Buffer>> {
  const found = file === '-' ? undefined : await stat(file);
  if (found?.isFile() === true) {
    const handle = await open(file);
    try {
      return added(file, handle, await endOfLines(handle), patience);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
  return untilAborted(found === undefined ? process.stdin : openStream(file, found), patience.signal);
}

/**
 * Opened for reading alone, a FIFO would wait until somebody writes to it, and nothing could end
 * that. Linux also opens it for both at once (fifo(7)). A socket reads it without a thread that
 * waits.
 */
function openStream(file: string, found: Stats): AsyncIterable<Buffer> & { destroy(): unknown } {
  if (!found.isFIFO()) return createReadStream(file);
  const fd = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

/** The chunks of a stream, which is destroyed when the signal aborts. */
async function* untilAborted(
  stream: AsyncIterable<Buffer> & { destroy(): unknown },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const end = (): void => void stream.destroy();
  signal.addEventListener('abort', end);
  try {
    if (signal.aborted) return;
    yield* stream;
  } catch (error) {
    // A destroyed stream ends with an error.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/**
 * What is added to a regular file. If another file takes its name, as at a rotation, that is read
 * from its beginning, and so is a file that was cut.
 */
async function* added(
  file: string,
  opened: FileHandle,
  from: number,
  { signal, pause }: Patience,
): AsyncGenerator<Buffer> {
  let [handle, at] = [opened, from];
  try {
    for (;;) {
      // Before the read: what was written to the old file until its name was taken is read too.
      const named = await identityOf(file);
      const isLast = signal.aborted;
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, at);
      if (bytesRead > 0) {
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
        continue;
      }
      const own = await handle.stat({ bigint: true });
      if (named !== undefined && !isSame(named, own)) {
        await handle.close();
        handle = await open(file);
        at = 0;
      } else if (own.size < at) at = 0;
      else if (isLast) return;
      else await pause();
    }
  } finally {
    await handle.close();
  }
}

/**
 * The place after the last line that is whole. Throws an Error for a compressed file: what is
 * added to it means nothing without what was before.
 */
async function endOfLines(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const begin = await handle.read(Buffer.alloc(2), 0, 2, 0);
  if (begin.bytesRead === 2 && begin.buffer[0] === 0x1f && begin.buffer[1] === 0x8b)
    throw new Error('is compressed, so what is added to it cannot be followed');
  const from = Math.max(0, size - chunkBytes);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(chunkBytes), 0, size - from, from);
  const last = buffer.subarray(0, bytesRead).lastIndexOf(newline);
  return last === -1 ? (from === 0 ? 0 : size) : from + last + 1;
}

/** Undefined while no file has the name. */
async function identityOf(file: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(file, { bigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}
