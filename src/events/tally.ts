import { createHash } from 'node:crypto';
import { apiCode } from '../retry/answer.ts';
import type { CallLimits } from '../retry/limits.ts';
import { eventMessage } from './message.ts';
import { isState, type Occurrence } from './occurrence.ts';
import type { EventWriter, NewEvent, StoredEvent } from './ports.ts';
import type { Regarding } from './regarding.ts';

/** The occurrences that one Event stands for and that have not been written yet. */
export interface News {
  readonly reason: Occurrence['reason'];
  /** The uid of the latest occurrence. */
  readonly uid: string;
  /** The message of the latest occurrence, before it is made into an Event's message. */
  readonly message: string;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Holds the uid of the latest occurrence, by which its audit line is found. */
export const uidAnnotation = 'ringfence.dev/uid';

/**
 * The API server's uids have at most 36 characters, but other callers of the port may send
 * anything.
 */
const uidLimit = 64;

/** To lose this many times in a row, more replicas would have to be quicker than ever run. */
const attempts = 5;

/** Event.count is an int32. */
const countLimit = 2 ** 31 - 1;

/**
 * Counts occurrences into the Event of an object and a `sameness` text. Every replica gives that
 * Event the same name, so they share it: the first one creates it, and the others add to its count.
 * `stored` is the Event as it was last seen. An Event about the state of an object is not counted:
 * if another replica has written it, it says the same. Returns the Event as it is now. Throws the
 * API server's refusals.
 */
export async function addToEvent(
  events: EventWriter,
  regarding: Regarding,
  sameness: string,
  news: News,
  stored: StoredEvent | undefined,
  options: CallLimits,
): Promise<StoredEvent> {
  const event = buildEvent(regarding, sameness, news);
  const { namespace, name, annotations } = event.metadata;
  const { message, lastTimestamp } = event;
  let current = stored;
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (current === undefined) return await events.create(event, options);
      const { resourceVersion } = current.metadata;
      const count = Math.min(countOf(current) + news.count, countLimit);
      const change = { metadata: { resourceVersion, annotations }, count, lastTimestamp, message };
      return await events.patch(namespace, name, change, options);
    } catch (error) {
      const code = apiCode(error);
      if (code === 409 && current === undefined && isState(news)) return { metadata: {} };
      // The API server deletes Events after an hour. The next occurrence is then the first one
      // again.
      const isGone = code === 404 && current !== undefined;
      if (attempt === attempts || !(isGone || code === 409)) throw error;
      // An empty patch changes nothing and returns the stored Event, so no permission to read
      // Events is needed.
      current = await events.patch(namespace, name, {}, options).catch(undefinedIfGone);
    }
  }
}

function buildEvent({ object, namespace }: Regarding, sameness: string, news: News): NewEvent {
  // 96 bits are enough against accidental collisions. A person who wants to spoil an Event is
  // allowed to write Events anyway.
  const hash = createHash('sha256')
    .update(JSON.stringify([object, sameness]))
    .digest('hex')
    .slice(0, 24);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      namespace,
      name: `ringfence-${hash}`,
      annotations: news.uid === '' ? {} : { [uidAnnotation]: news.uid.slice(0, uidLimit).toWellFormed() },
    },
    involvedObject: object,
    type: news.reason === 'PermissionUsed' ? 'Normal' : 'Warning',
    reason: news.reason,
    message: eventMessage(news.message),
    source: { component: 'ringfence' },
    reportingComponent: 'ringfence',
    firstTimestamp: toSecond(news.firstAt),
    lastTimestamp: toSecond(news.lastAt),
    count: news.count,
  };
}

function countOf({ count }: StoredEvent): number {
  return typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/** meta/v1 Time. */
function toSecond(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function undefinedIfGone(error: unknown): undefined {
  if (apiCode(error) !== 404) throw error;
}
