import type { X509Certificate } from 'node:crypto';
import type { Clock } from '../retry/clock.ts';
import { backdateMs, isSame, readCertificates, writeCertificates } from './certificate.ts';

/** Whom the API server shall trust. */
export interface Trust {
  /**
   * The bundle (PEM) for a webhook configuration: what it has now in its order, then those of ours
   * that it lacks.
   * @param own the authorities of what we serve, or are about to serve
   * @param place which configuration, by any name: each is counted by itself
   * @param live what its entries carry now, PEM each
   */
  bundleFor(own: readonly X509Certificate[], place: string, live: readonly string[]): string;
}

/** An authority that is not ours, in one configuration. */
interface Alien {
  /** When it was first seen, by a clock that is never set. */
  since: number;
  keepMs: number;
  /** Since when it has to go, or is gone. */
  goneSince: number | undefined;
}

/**
 * Adds our authorities, and takes the others' away only when they have been there for `keepMs`:
 * another replica may serve under one of them, because it has not heard of ours yet, or has heard
 * of one that we have not. Nobody adds another's, so what nobody serves under is gone in the end,
 * and two replicas never undo each other's work. An authority that comes back is somebody's after
 * all, and stays twice as long each time: a replica that never changes costs ever fewer writes.
 * What cannot be read goes at once, and so does what has expired by any clock that is less than an
 * hour off.
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
    // It was taken away and is there again: by whoever serves under it, and perhaps before we
    // looked again.
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

// Within one look, which is over in milliseconds, the same question is asked a few times; the next
// look comes a second later. Where a look takes longer, or its write fails, an authority that
// nobody needs stays once more: no harm.
const sameLookMs = 500;

function distinct(certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  return certificates.filter((one, index) => certificates.findIndex((other) => isSame(one, other)) === index);
}
