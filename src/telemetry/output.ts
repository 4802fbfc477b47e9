import process from 'node:process';
import { type DestinationStream, destination } from 'pino';

/** Standard output for the log. */
export interface Output extends DestinationStream {
  /**
   * Resolves when every line so far has been handed to the system; undefined where there is none
   * that has not.
   */
  written(): Promise<void> | undefined;
}

/**
 * Standard output, written once for each turn of the event loop: a write costs more than the line,
 * and a busy turn has many. Writing is synchronous, and whoever answers for a line waits for {@link
 * Output.written}, so that a killed process has lost nothing it answered for; one that ends by
 * itself, or by an error, writes what is left.
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
      // A full disk or a closed pipe: there is nowhere left to say it, and the answers must not
      // wait for it.
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
