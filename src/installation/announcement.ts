import { apiCode } from '../retry/answer.ts';
import type { Clock } from '../retry/clock.ts';
import { retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import type { BundleSource } from './ports.ts';
import { bundlesOf, carriesBundle, type WebhookKind, withBundle } from './webhook-configuration.ts';

/** Reads and replaces webhook configurations. Errors carry the HTTP status as `code`. */
export interface AnnouncementStore {
  get(kind: WebhookKind, name: string): Promise<unknown>;
  /** Throws an error with code 409 if the configuration has changed since it was read. */
  replace(kind: WebhookKind, configuration: object): Promise<unknown>;
}

export interface AnnouncementOptions {
  readonly configurations: AnnouncementStore;
  /** The name of both configurations. */
  readonly name: string;
  readonly source: Pick<BundleSource, 'bundleFor'> & { current(): { readonly caBundle: string } };
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly clock: Pick<Clock, 'uptime' | 'sleep'>;
}

/**
 * Adds this replica's authorities to existing webhook configurations, so that the API server trusts
 * the replica before it is ready and can be called. Only the authorities are changed, whichever
 * configuration or release made the rest. It gives up after some seconds, because a replica that is
 * not trusted is no worse than a replica that is absent.
 */
export async function announceAuthorities(options: AnnouncementOptions, signal: AbortSignal): Promise<void> {
  const { log, clock } = options;
  const deadline = clock.uptime() + patienceMs;
  const announce = async () => [await announceIn('Mutating', options), await announceIn('Validating', options)];
  try {
    const isPassing = () => clock.uptime() < deadline;
    const written = await retry(announce, { firstMs: firstRetryMs, longestMs: patienceMs, signal, isPassing, clock });
    if (!written.includes(true)) return;
    log.info({}, 'authorities announced');
    await clock.sleep(settleMs, signal);
  } catch (error) {
    if (signal.aborted) return;
    const reason = error instanceof Error ? error.message : 'not an error';
    log.warn({ code: apiCode(error), reason }, 'authorities could not be announced');
  }
}

/** Adds the authorities to one configuration. Resolves to whether it wrote. */
async function announceIn(kind: WebhookKind, { configurations, name, source }: AnnouncementOptions): Promise<boolean> {
  const actual = await configurations.get(kind, name);
  if (actual === undefined || carriesBundle(actual, source.current().caBundle)) return false;
  await configurations.replace(kind, withBundle(actual, source.bundleFor(kind, bundlesOf(actual))));
  return true;
}

const firstRetryMs = 100;

// Time for a few attempts, if another replica is faster or the API server fails for a moment.
const patienceMs = 5000;

// API servers learn of a configuration through a watch, within some milliseconds.
const settleMs = 1000;
