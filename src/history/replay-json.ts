import type { Reading } from './read.ts';
import type { Replay } from './replay.ts';

/** A replay for programs, as schemas/replay.schema.json defines it. */
export function replayJson({ reading, dryRuns, unchanged, changes, undecided, holes }: Replay): string {
  return `${JSON.stringify({ log: logJson(reading, dryRuns), unchanged, changes, undecided, holes }, undefined, 2)}\n`;
}

/** What was read of a log. */
export function logJson(reading: Reading, dryRuns: number): object {
  const { audits, others, unreadable, window, starts, pods, silences } = reading;
  return { audits, dryRuns, others, unreadable, window: window ?? null, starts, pods, silences };
}
