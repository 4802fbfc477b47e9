import { apiCode } from '../retry/answer.ts';
import { retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import type { Entry } from './entry.ts';
import type { EventWriter } from './ports.ts';
import { findRegarding, type RegardingPorts } from './regarding.ts';
import { addToEvent, type News } from './tally.ts';

export interface DeliveryPorts extends RegardingPorts {
  readonly events: EventWriter;
  readonly log: Pick<Log, 'warn'>;
}

const retries = { attempts: 4, firstMs: 1_000, longestMs: 8_000 } as const;
const complaintMs = 60_000;

/**
 * Writes an entry's news as an Event on the object that a person looks at, and keeps the stored
 * Event. It never rejects. A write that finally fails is logged at most once a minute, with the
 * number of writes lost since the last log line.
 */
export function createDelivery(
  { events, log, ...regardingPorts }: DeliveryPorts,
  signal: AbortSignal,
): (entry: Entry, news: News) => Promise<'written' | 'dropped' | 'failed'> {
  const complaint = { at: Number.NEGATIVE_INFINITY, lost: 0 };

  async function write(entry: Entry, news: News): Promise<'written' | 'dropped'> {
    const regarding = await findRegarding(entry.claim, regardingPorts, { signal });
    if (regarding === undefined) return 'dropped';
    entry.stored = await addToEvent(events, regarding, entry.sameness, news, entry.stored, { signal });
    return 'written';
  }

  function complain(error: unknown): void {
    complaint.lost += 1;
    const now = performance.now();
    if (now - complaint.at < complaintMs) return;
    log.warn({ reason: error instanceof Error ? error.message : String(error), lost: complaint.lost }, 'events lost');
    complaint.at = now;
    complaint.lost = 0;
  }

  return async (entry, news) => {
    try {
      return await retry(() => write(entry, news), { ...retries, signal, isPassing });
    } catch (error) {
      complain(error);
      return 'failed';
    }
  };
}

/**
 * Whether the same call may succeed a little later: there was no answer, there were too many calls,
 * or the server failed.
 */
function isPassing(error: unknown): boolean {
  const code = apiCode(error);
  return code === 0 || code === 429 || (code !== undefined && code >= 500);
}
