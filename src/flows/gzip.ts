import { createGunzip, type Gunzip } from 'node:zlib';

/**
 * The content of gzip members, one after the other, as it becomes known. If the last member has no
 * end, `sawCut` is called after everything that can be read of it.
 *
 * @param chunkBytes - the size of the chunks that are given
 */
export async function* decompressed(
  compressed: AsyncIterable<Buffer>,
  chunkBytes: number,
  sawCut: () => void,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  const next = watch(gunzip);
  try {
    for await (const chunk of compressed) {
      let isWritten = false;
      gunzip.write(chunk, () => {
        isWritten = true;
        next.wake();
      });
      yield* readUntil(() => isWritten);
    }
    gunzip.end();
    try {
      yield* readUntil(() => false);
    } catch (error) {
      // Nothing is lost with the stream: all that it had given was read before its end.
      if ((error as NodeJS.ErrnoException).code !== 'Z_BUF_ERROR') throw error;
      sawCut();
    }
  } finally {
    gunzip.destroy();
  }

  /** What the stream gives until the condition holds, or until it ends. */
  async function* readUntil(isOver: () => boolean): AsyncGenerator<Buffer> {
    for (;;) {
      const content = gunzip.read() as Buffer | null;
      if (content !== null) yield content;
      else if (next.failure() !== undefined) throw next.failure();
      else if (gunzip.readableEnded || isOver()) return;
      else await next.happens();
    }
  }
}

/** Waits for whatever happens to a stream. */
function watch(gunzip: Gunzip): { wake(): void; happens(): Promise<void>; failure(): Error | undefined } {
  let resolve = (): void => undefined;
  let failure: Error | undefined;
  const wake = (): void => resolve();
  gunzip.on('readable', wake);
  gunzip.on('end', wake);
  gunzip.on('error', (error) => {
    failure = error;
    wake();
  });
  return {
    wake,
    failure: () => failure,
    happens: () =>
      new Promise((done) => {
        resolve = done;
      }),
  };
}
