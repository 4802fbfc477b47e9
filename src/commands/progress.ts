/** A line on a terminal that is written over. */
export interface Progress {
  readonly say: (text: string) => void;
  /** Removes the line. */
  readonly end: () => void;
}

/** Shows progress if the stream is a terminal, and nothing otherwise. */
export function showProgress(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>): Progress {
  const write = (text: string): void => {
    // Back to the first column, and the line erased to its end (ECMA-48, EL).
    if (stream.isTTY) stream.write(`\r\u001b[K${text}`);
  };
  return { say: (text) => write(`${text} ...`), end: () => write('') };
}
