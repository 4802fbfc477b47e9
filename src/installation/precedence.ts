import type { Clock } from '../retry/clock.ts';
import { compareReleases } from './release.ts';

/** The facts that order two releases which run at the same time. */
export interface PrecedenceOptions {
  /** The version of this release. */
  readonly release: string;
  /**
   * Asks the replicas that answer at the webhook address for their releases, several times.
   * 'unknown' stands for a replica that does not report its release, as in the first release. Never
   * rejects.
   */
  readonly rollCall: () => Promise<ReadonlySet<string>>;
  readonly clock: Pick<Clock, 'uptime'>;
}

/** Decides which of two releases writes a webhook configuration about which they differ. */
export interface Precedence {
  /**
   * Whether this release must not change a configuration that differs from its own.
   * @param writer the release in the annotation of the live configuration; undefined without one
   */
  yieldsTo(writer: string | undefined): Promise<boolean>;
}

/**
 * Orders releases during a rolling upgrade and during a rollback. The newer release writes. The
 * replicas at the webhook address are asked, because the annotation alone outlives a rollback: the
 * work of a newer release is left alone until none of its replicas has answered for half a minute.
 * A release that does not report its version does not know this order and would undo every change,
 * so this release waits until no such replica answers.
 */
export function createPrecedence({ release, rollCall, clock }: PrecedenceOptions): Precedence {
  /**
   * The time since which no newer release has answered, while the configuration is of a newer
   * release and differs.
   */
  let alone: number | undefined;
  /** When the replicas were last asked, which they are as long as the configuration differs. */
  let asked = Number.NEGATIVE_INFINITY;
  /** The time of the last answer from a release that does not know the order. */
  let unordered = Number.NEGATIVE_INFINITY;
  const isNewer = (other: string): boolean => (compareReleases(other, release) ?? 0) > 0;
  return {
    async yieldsTo(writer) {
      const now = clock.uptime();
      if (now - asked > settledMs) alone = undefined;
      asked = now;
      const present = await rollCall();
      if (present.has(unknownRelease)) unordered = clock.uptime();
      if (present.has(unknownRelease) || [...present].some(isNewer)) {
        alone = undefined;
        return true;
      }
      if (clock.uptime() - unordered < drainedMs) return true;
      if (writer === undefined || !isNewer(writer)) return false;
      alone ??= clock.uptime();
      return clock.uptime() - alone < goneMs;
    },
  };
}

/** The name of a release that does not report its version. */
export const unknownRelease = 'unknown';

// A replica of the newer release may write before it is ready, but it answers only when it is
// ready.
const goneMs = 30_000;

// Webhooks that differ are compared every second, and every few seconds after failures. After a
// longer pause, it is another difference: the newer release may have been installed again.
const settledMs = 10_000;

// `--drain-seconds` is 8 by default, and the webhooks are compared every second.
const drainedMs = 10_000;
