import type { Clock } from '../retry/clock.ts';
import { compareReleases } from './release.ts';

/** What two releases that run at the same time are ordered by. */
export interface PrecedenceOptions {
  /** The version of this release. */
  readonly release: string;
  /**
   * Asks whoever answers at the webhook address now, several times, for their releases: 'unknown'
   * is a release that does not say (the first one did not). Never rejects.
   */
  readonly rollCall: () => Promise<ReadonlySet<string>>;
  readonly clock: Pick<Clock, 'uptime'>;
}

/** Which release may write a webhook configuration that two of them want different. */
export interface Precedence {
  /**
   * Whether this release has to leave a configuration alone that differs from what it wants.
   * @param writer the release that the live configuration says it is of; undefined without one
   */
  yieldsTo(writer: string | undefined): Promise<boolean>;
}

/**
 * Orders releases in a rolling upgrade and back. The newer one writes. One that is known to be
 * alive is asked for at the webhook address, because the annotation alone outlives a rollback: a
 * newer release's work is left alone until no replica of it has answered for half a minute. A
 * release that does not say what it is knows no order and would write back whatever differs, so it
 * is waited for until it is gone.
 */
export function createPrecedence({ release, rollCall, clock }: PrecedenceOptions): Precedence {
  /** Since when nobody newer has answered, while the configuration is a newer release's. */
  let alone: number | undefined;
  const isNewer = (other: string): boolean => (compareReleases(other, release) ?? 0) > 0;
  return {
    async yieldsTo(writer) {
      const present = await rollCall();
      if ([...present].some((other) => other === unknownRelease || isNewer(other))) {
        alone = undefined;
        return true;
      }
      if (writer === undefined || !isNewer(writer)) return false;
      alone ??= clock.uptime();
      return clock.uptime() - alone < goneMs;
    },
  };
}

/** What a release is called that does not say its version. */
export const unknownRelease = 'unknown';

// A replica of the newer release may write before it is ready, and answers only then.
const goneMs = 30_000;
