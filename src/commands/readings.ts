import type { Clock } from '../retry/clock.ts';
import type { Reading } from '../view/freshness.ts';
import type { Model } from '../view/model.ts';

/** What the pages know of the last reading, without what it was read from. */
export type ReadingState = Omit<Reading, 'parts'>;

/** The last model, and the attempts to make a newer one. Only one is made at a time. */
export interface Readings {
  /** Reads for the first time. Throws what the reading throws. */
  first(): Promise<Model>;
  model(): Model;
  state(): ReadingState;
  /** Reads again, once for all who ask meanwhile. A failure is kept for the pages. */
  again(): Promise<void>;
  /** Something that is followed has changed. Nothing is made before somebody looks. */
  changed(): void;
  /** Somebody looks: begins in the background what is due. */
  look(): void;
  /** Waits for a model of what has changed, but no longer than this. */
  settle(ms: number): Promise<void>;
}

export interface ReadingsOptions {
  /** Reads everything that is not followed again. */
  readonly read: () => Promise<Model>;
  /** Makes the model of what is known by now; undefined if nothing is followed. */
  readonly remake: (() => Promise<Model>) | undefined;
  /** The age at which everything is read again when somebody looks; 0 for never. */
  readonly rereadSeconds: number;
  readonly clock: Pick<Clock, 'uptime' | 'sleep'>;
}

/** Making models never takes more than a tenth of the time. */
const share = 10;

/** A burst of changes is over after a quiet time, and is not waited for longer, in milliseconds. */
const burst = { quietMs: 250, longestMs: 2_000 };

export function createReadings({ read, remake, rereadSeconds, clock }: ReadingsOptions): Readings {
  let model: Model | undefined;
  let running: { readonly how: 'read' | 'remake'; readonly done: Promise<void> } | undefined;
  let failures: { readonly read?: string; readonly remake?: string } = {};
  let number = 0;
  let [readAt, readMs, madeAt, remakeMs, shownAt] = [0, 0, 0, 0, 0];
  let changes: { readonly first: number; readonly last: number } | undefined;

  async function take(how: 'read' | 'remake'): Promise<Model> {
    const begun = clock.uptime();
    const seen = changes;
    changes = undefined;
    try {
      const taken = await (how === 'remake' && remake !== undefined ? remake() : read());
      model = taken;
      shownAt = begun;
      failures = how === 'remake' && failures.read !== undefined ? { read: failures.read } : {};
      number += 1;
      return taken;
    } catch (error) {
      // They are in no model yet.
      changes ??= seen;
      throw error;
    } finally {
      madeAt = clock.uptime();
      if (how === 'read') [readAt, readMs] = [madeAt, madeAt - begun];
      else remakeMs = madeAt - begun;
    }
  }

  function run(how: 'read' | 'remake'): Promise<void> {
    const done = take(how)
      .then(
        () => {},
        (error: unknown) => {
          failures = { ...failures, [how]: error instanceof Error ? error.message : String(error) };
        },
      )
      .finally(() => {
        running = undefined;
      });
    running = { how, done };
    return done;
  }

  function known(): Model {
    if (model === undefined) throw new Error('nothing has been read yet');
    return model;
  }

  /** When a model of the changes may be begun. */
  function dueAt({ first, last }: NonNullable<typeof changes>): number {
    const isOverAt = Math.min(last + burst.quietMs, first + burst.longestMs);
    return Math.max(isOverAt, madeAt + share * remakeMs);
  }

  function look(): void {
    if (running !== undefined) return;
    const now = clock.uptime();
    if (rereadSeconds > 0 && now - readAt > Math.max(rereadSeconds * 1_000, share * readMs)) void run('read');
    else if (changes !== undefined && now >= dueAt(changes)) void run('remake');
  }

  return {
    first: () => take('read'),
    model: known,
    state: () => ({
      number,
      at: known().report.at,
      seconds: Math.round((clock.uptime() - shownAt) / 1_000),
      isReading: running?.how === 'read',
      hasChanged: changes !== undefined || running?.how === 'remake',
      failure: failures.read ?? failures.remake,
    }),
    async again() {
      while (running?.how === 'remake') await running.done;
      await (running?.done ?? run('read'));
    },
    changed() {
      const now = clock.uptime();
      changes = { first: changes?.first ?? now, last: now };
    },
    look,
    async settle(ms) {
      look();
      const until = clock.uptime() + ms;
      const late = new AbortController();
      if (running === undefined && changes !== undefined && dueAt(changes) + remakeMs <= until) {
        await clock.sleep(dueAt(changes) - clock.uptime(), late.signal);
        look();
      }
      if (running?.how === 'remake' && remakeMs <= ms)
        await Promise.race([running.done, clock.sleep(until - clock.uptime(), late.signal)]);
      late.abort();
    },
  };
}
