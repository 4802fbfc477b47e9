import type { X509Certificate } from 'node:crypto';
import type { Clock } from '../retry/clock.ts';
import { backdateMs, isSame, readCertificates, writeCertificates } from './certificate.ts';

/** The authorities that the API server must trust. */
export interface Trust {
  /**
   * The bundle (PEM) for a webhook configuration: what it has now, in its order, and then those of
   * our authorities that it lacks.
   *
   * @param own the authorities of what we serve or are about to serve
   * @param place which configuration, by any name: each one is counted separately
   * @param live what its entries carry now, PEM each
   */
  bundleFor(own: readonly X509Certificate[], place: string, live: readonly string[]): string;
}

/** An authority in one configuration that is not our own. */
interface Alien {
  /** When it was first seen, by a clock that is never adjusted. */
  since: number;
  keepMs: number;
  /** Since when it is due for removal, or gone. */
  goneSince: number | undefined;
}

/**
 * Adds our authorities, and removes those of others only after `keepMs`. Another replica may serve
 * under one of them, because it does not know ours yet, or because it knows one that we do not know
 * yet. No replica adds an authority of another. So an authority under which no replica serves is
 * gone in the end, and two replicas never undo each other's work. An authority that comes back is
 * still in use, and is kept twice as long each time, so a replica that never changes costs fewer
 * and fewer writes. Unreadable entries are removed at once, and so are certificates that have
 * expired by any clock that is less than an hour wrong.
 */
export function createTrust({
  keepMs,
  clock,
}: {
  readonly keepMs: number;
  readonly clock: Pick<Clock, 'now' | 'uptime'>;
}): Trust {
  const aliens = new Map<string, Alien>();

  function isKept(key: string): boolean {
    const at = clock.uptime();
    const alien = aliens.get(key) ?? { since: at, keepMs, goneSince: undefined };
    aliens.set(key, alien);
    // It was removed and is there again. The replica that serves under it restored it, perhaps
    // before we looked again.
    if (alien.goneSince !== undefined && at - alien.goneSince >= sameLookMs)
      Object.assign(alien, { since: at, keepMs: 2 * alien.keepMs, goneSince: undefined });
    if (at - alien.since < alien.keepMs) return true;
    alien.goneSince ??= at;
    return false;
  }

  return {
    bundleFor(own, place, live) {
      const there = distinct([...new Set(live)].flatMap(readCertificates));
      const isOurs = (one: X509Certificate): boolean => own.some((other) => isSame(one, other));
      const keyOf = (one: X509Certificate): string => `${place} ${one.fingerprint256}`;
      const others = there.filter((one) => !isOurs(one));
      const present = new Set(others.map(keyOf));
      for (const [key, alien] of aliens)
        if (key.startsWith(`${place} `) && !present.has(key)) alien.goneSince = clock.uptime() - sameLookMs;
      const expired = clock.now() - backdateMs;
      const kept = there.filter((one) => isOurs(one) || (one.validToDate.getTime() > expired && isKept(keyOf(one))));
      return writeCertificates(distinct([...kept, ...own]));
    },
  };
}

/**
 * How long a bundle must have been published before a certificate may depend on it. API servers
 * learn of a changed webhook configuration through a watch, within some milliseconds. Two seconds
 * are far more than that.
 */
export const settleMs = 2000;

// One look is over in milliseconds and asks the same question a few times. The next look comes a
// second later. If a look takes longer, or its write fails, an unneeded authority stays for one
// more period, which does no harm.
const sameLookMs = 500;

function distinct(certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  return certificates.filter((one, index) => certificates.findIndex((other) => isSame(one, other)) === index);
}
