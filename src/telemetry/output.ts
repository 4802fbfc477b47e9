import process from 'node:process';
import { type DestinationStream, destination } from 'pino';

/** The standard output of the log. */
export interface Output extends DestinationStream {
  /**
   * Resolves when every line so far has been passed to the system. Undefined if nothing is pending.
   */
  written(): Promise<void> | undefined;
}

/**
 * Standard output, written once for each turn of the event loop, because a write costs more than
 * the line, and a busy turn has many lines. The write is synchronous. A caller that must not lose a
 * line waits for {@link Output.written} before it answers, so that a killed process has written the
 * lines of all its answers. A process that ends normally, or by an error, writes what is left.
 */
export function openOutput(stream: DestinationStream = destination({ dest: 1, sync: true })): Output {
  let lines = '';
  let turn: PromiseWithResolvers<void> | undefined;

  function flush(): void {
    const [text, ended] = [lines, turn];
    lines = '';
    turn = undefined;
    try {
      if (text !== '') stream.write(text);
    } catch {
      // The disk is full or the pipe is closed. The failure cannot be reported anywhere, and the
      // answers must not wait.
    }
    ended?.resolve();
  }

  process.on('exit', flush);
  return {
    write(line) {
      lines += line;
      if (turn !== undefined) return;
      turn = Promise.withResolvers();
      setImmediate(flush);
    },
    written: () => turn?.promise,
  };
}
