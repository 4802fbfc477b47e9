import { createHash } from 'node:crypto';
import { apiCode } from '../retry/answer.ts';
import type { CallLimits } from '../retry/limits.ts';
import { eventMessage } from './message.ts';
import type { EventWriter, NewEvent, StoredEvent } from './ports.ts';
import type { Regarding } from './regarding.ts';

/** Occurrences that one Event stands for, and that have not been written yet. */
export interface News {
  readonly reason: 'Denied' | 'PermissionUsed';
  /** Of the latest occurrence. */
  readonly uid: string;
  /** Of the latest occurrence, before an Event's is made of it. */
  readonly message: string;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Holds the uid of the latest occurrence, by which its audit line is found. */
export const uidAnnotation = 'ringfence.dev/uid';

/**
 * No uid of the API server's is longer than 36 characters; whatever calls the port may send what it
 * likes.
 */
const uidLimit = 64;

/** More replicas than ever run would have to be quicker than us so many times in a row. */
const attempts = 5;

/** Event.count is an int32. */
const countLimit = 2 ** 31 - 1;

/**
 * Counts occurrences into the Event of that object and that sameness (a text). Every replica gives
 * it the same name, so that they share one: whoever is first creates it, the others add to its
 * count. `stored` is the Event as it was last seen; returned is how it is now. Throws what the API
 * server refuses.
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
      // The API server forgets Events after an hour; then the next one is the first again.
      const isGone = code === 404 && current !== undefined;
      if (attempt === attempts || !(isGone || code === 409)) throw error;
      // A patch of nothing changes nothing and answers with what is stored: reading Events takes no
      // right of its own.
      current = await events.patch(namespace, name, {}, options).catch(undefinedIfGone);
    }
  }
}

function buildEvent({ object, namespace }: Regarding, sameness: string, news: News): NewEvent {
  // 96 bits: no two of a namespace's Events meet by chance, and who wants to spoil one may write
  // Events anyway.
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
      annotations: { [uidAnnotation]: news.uid.slice(0, uidLimit).toWellFormed() },
    },
    involvedObject: object,
    type: news.reason === 'Denied' ? 'Warning' : 'Normal',
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
