import { apiCode } from '../retry/answer.ts';
import type { Clock } from '../retry/clock.ts';
import { retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import type { BundleSource } from './ports.ts';
import { bundlesOf, carriesBundle, type WebhookKind, withBundle } from './webhook-configuration.ts';

/**
 * The webhook configurations, as far as their authorities go. Errors carry the HTTP status as
 * `code`.
 */
export interface AnnouncementStore {
  get(kind: WebhookKind, name: string): Promise<unknown>;
  /** 409 where it has changed since it was read. */
  replace(kind: WebhookKind, configuration: object): Promise<unknown>;
}

export interface AnnouncementOptions {
  readonly configurations: AnnouncementStore;
  /** The name of both. */
  readonly name: string;
  readonly source: Pick<BundleSource, 'bundleFor'> & { current(): { readonly caBundle: string } };
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly clock: Pick<Clock, 'uptime' | 'sleep'>;
}

/**
 * Has the API server trust our authorities before it can reach us: where webhook configurations are
 * there already, it may call a replica as soon as that is ready. Only their authorities are
 * touched, whatever configuration or release they are of. Where it cannot be done in some seconds
 * it is left: to be trusted by nobody is no worse than not to be there.
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

/** Resolves to whether it wrote. */
async function announceIn(kind: WebhookKind, { configurations, name, source }: AnnouncementOptions): Promise<boolean> {
  const actual = await configurations.get(kind, name);
  if (actual === undefined || carriesBundle(actual, source.current().caBundle)) return false;
  await configurations.replace(kind, withBundle(actual, source.bundleFor(kind, bundlesOf(actual))));
  return true;
}

const firstRetryMs = 100;

// A handful of attempts where another replica is quicker, or an API server hiccups.
const patienceMs = 5000;

// API servers learn of a configuration through a watch, within some milliseconds.
const settleMs = 1000;
