import { countOf } from '../wording/number.ts';
import { openGrowth, type Patience } from './growing.ts';
import { FlowLogError, readLines, wordsOf } from './log-lines.ts';
import { createReading, type Keeping } from './reading.ts';
import type { Observation } from './record.ts';

/** What logs have said since they are followed. */
export interface Followed {
  /** Only what is kept of the lines. */
  readonly observation: Observation;
  /** The lines that came, of every kind. */
  readonly lines: number;
  /** Lines of flows beyond the limit. */
  readonly beyond: number;
  /** Sentences about files that nobody reads any more, or in which no line can be read. */
  readonly troubles: readonly string[];
}

/** Logs that are still written. */
export interface FollowedLogs {
  now(): Followed;
  /** Reads what has been written to files until now, and ends. Says what was seen in the end. */
  stop(): Promise<Followed>;
}

/**
 * Follows logs while they are written: a pipe, such as the standard input (`-`), or what is added
 * to a file. Each is of any kind, which its content shows, as in readObservation. A log that ends
 * or fails ends nothing else. Resolves when it is settled where each begins.
 *
 * @param pause - resolves after the pause between two looks at a file, or when the signal aborts
 */
export async function followLogs(
  files: readonly string[],
  keeping: Keeping,
  pause: (signal: AbortSignal) => Promise<void>,
): Promise<FollowedLogs> {
  const end = new AbortController();
  const patience: Patience = { signal: end.signal, pause: () => pause(end.signal) };
  const reading = createReading(keeping);
  const troubles: string[] = [];
  let lines = 0;

  const opened = files.map((file) => ({ file, log: reading.open(file), input: openGrowth(file, patience), lines: 0 }));
  await Promise.allSettled(opened.map(({ input }) => input));
  const read = opened.map(async (one) => {
    const { file, log, input } = one;
    const take = (line: string): void => {
      lines += 1;
      one.lines += 1;
      log.take(line);
    };
    try {
      const growth = await input.catch((error: unknown) => {
        throw new FlowLogError(`${file}: ${wordsOf(error)}`);
      });
      const { isCut } = await readLines(file, take, undefined, growth);
      const where = isCut ? ' in the middle of its compressed content' : '';
      // Whoever aborts has cut it himself.
      if (!end.signal.aborted)
        troubles.push(`${file}: the flow log has ended${where}, after ${countOf(one.lines, 'line')}`);
    } catch (error) {
      if (!(error instanceof FlowLogError)) throw error;
      troubles.push(`${error.message}; nobody reads it any more`);
    }
    log.end();
  });

  function now(): Followed {
    const unread = opened
      .filter((one) => one.log.unread() === 'unknown')
      .map(({ file }) => `${file}: no line so far is one of ${reading.kinds}`);
    return { observation: reading.conclude(), lines, beyond: reading.beyond(), troubles: [...troubles, ...unread] };
  }

  return {
    now,
    async stop() {
      end.abort();
      await Promise.all(read);
      return now();
    },
  };
}
