import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../telemetry/log.ts';
import type { Part } from './observation.ts';

/** The parts that end with the process. */
export interface Ending {
  readonly waiting: Set<Part>;
  /** Ends every loop when it is aborted. */
  readonly stopped: AbortController;
  /** Settles when the webhook configurations are in place, or the loops have ended. */
  readonly installed: Promise<void>;
  readonly app: Closing;
  readonly controller: { idle(): Promise<void> };
  readonly recorder: { end(): Promise<void> };
  readonly admin: Closing;
  readonly connections: Closing;
  readonly log: Pick<Log, 'info'>;
}

interface Closing {
  close(): PromiseLike<unknown>;
}

/**
 * Ends the process. It first reports not-ready but still answers for `drainSeconds`, until the API
 * server sends no more reviews. Then the parts end in the order in which they need each other: the
 * recorder still needs its connection to the cluster, and the probes are among the last to end.
 */
export async function drain(
  options: { readonly drainSeconds: number },
  { waiting, stopped, installed, app, controller, recorder, admin, connections, log }: Ending,
): Promise<void> {
  waiting.add('draining');
  log.info({ drainSeconds: options.drainSeconds }, 'draining');
  await delay(options.drainSeconds * 1000);
  stopped.abort();
  await Promise.allSettled([installed, app.close(), controller.idle()]);
  await recorder.end();
  await admin.close();
  await connections.close();
  log.info({}, 'stopped');
}
