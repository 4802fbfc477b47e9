import type { Claim } from './claim.ts';
import { brief, headlineOf } from './message.ts';
import { isState, type Occurrence } from './occurrence.ts';
import type { StoredEvent } from './ports.ts';
import type { News } from './tally.ts';

/**
 * One Event in this process. It is kept while there is something to write, and afterwards until the
 * spacing has passed.
 */
export interface Entry {
  /** Occurrences of the same key are counted into the same Event. */
  readonly key: string;
  readonly reason: Occurrence['reason'];
  readonly purse: string;
  readonly claim: Claim;
  readonly sameness: string;
  /** The occurrences that are not written yet. */
  news: News | undefined;
  /** The Event as it was last seen. */
  stored?: StoredEvent;
  /** Whether a write was tried at least once. */
  hasRun: boolean;
  isRunning: boolean;
  /** The timer until the next attempt. Undefined while the entry is queued or is being written. */
  timer?: NodeJS.Timeout | undefined;
}

/**
 * Opens the entry that counts an occurrence if there is no entry with its key. It has no news yet.
 */
export function openEntry(occurrence: Occurrence, claim: Claim): Entry {
  const { reason } = occurrence;
  const sameness = samenessOf(occurrence, claim);
  return {
    key: JSON.stringify([claim.namespace, claim.object ?? claim.owner, sameness]),
    reason,
    purse: purseOf(reason, claim),
    claim,
    sameness,
    news: undefined,
    hasRun: false,
    isRunning: false,
  };
}

/** The news with one more occurrence. The Event will carry the message of the latest one. */
export function addNews(news: News | undefined, { reason, uid, message }: Occurrence): News {
  const now = Date.now();
  return {
    reason,
    uid,
    message: brief(message),
    count: (news?.count ?? 0) + 1,
    firstAt: news?.firstAt ?? now,
    lastAt: now,
  };
}

/**
 * The key of the rate limit that an occurrence shares: refusals in one namespace share one,
 * refusals of Namespaces share one (people can invent their names), and permissions used on one
 * namespace share one.
 */
function purseOf(reason: Occurrence['reason'], { namespace, isNamespace }: Claim): string {
  return `${reason} ${isNamespace && reason === 'Denied' ? '' : namespace}`;
}

function samenessOf(occurrence: Occurrence, claim: Claim): string {
  const checks = [...new Set(occurrence.checks)].sort((a, b) => (a < b ? -1 : 1));
  // An object that exists is told of once for each text, and not counted.
  const line = isState(occurrence) ? brief(occurrence.message) : headlineOf(occurrence, claim);
  return JSON.stringify([occurrence.reason, checks, line]);
}
