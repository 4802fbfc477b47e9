import type { Claim } from './claim.ts';
import { brief, headlineOf } from './message.ts';
import type { Occurrence } from './occurrence.ts';
import type { StoredEvent } from './ports.ts';
import type { News } from './tally.ts';

/**
 * One Event as this process knows it: while something is to be written, and for the spacing after
 * that.
 */
export interface Entry {
  /** Occurrences of the same key are counted into the same Event. */
  readonly key: string;
  readonly reason: Occurrence['reason'];
  readonly purse: string;
  readonly claim: Claim;
  readonly sameness: string;
  /** What is to be written. */
  news: News | undefined;
  /** The Event as it was last seen. */
  stored?: StoredEvent;
  /** Whether it was written, or tried to be, at least once. */
  hasRun: boolean;
  isRunning: boolean;
  /** Until the next look; undefined while it waits for its turn or is written. */
  timer?: NodeJS.Timeout | undefined;
}

/** The entry that an occurrence is counted into if there is none of its key. It has no news yet. */
export function openEntry(occurrence: Occurrence, claim: Claim): Entry {
  const { reason } = occurrence;
  const sameness = samenessOf(occurrence, claim);
  return {
    key: JSON.stringify([claim.namespace, claim.owner, sameness]),
    reason,
    purse: purseOf(reason, claim),
    claim,
    sameness,
    news: undefined,
    hasRun: false,
    isRunning: false,
  };
}

/** The news with one more occurrence; the Event will say what the latest said. */
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
 * Who shares a rate: what is refused in one namespace; all refusals of Namespaces, whose names a
 * person may make up; the permissions used on one namespace.
 */
function purseOf(reason: Occurrence['reason'], { namespace, isNamespace }: Claim): string {
  return `${reason} ${isNamespace && reason === 'Denied' ? '' : namespace}`;
}

function samenessOf(occurrence: Occurrence, claim: Claim): string {
  const checks = [...new Set(occurrence.checks)].sort((a, b) => (a < b ? -1 : 1));
  return JSON.stringify([occurrence.reason, checks, headlineOf(occurrence, claim)]);
}
