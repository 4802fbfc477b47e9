import { randomUUID } from 'node:crypto';
import { proofName, reachEntryName, reachWarning } from '../admission/reach.ts';
import { apiCode } from '../retry/answer.ts';
import { type Clock, systemClock } from '../retry/clock.ts';
import { repeat, retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';

export interface ReachOptions {
  /**
   * Creates an object with that name as a dry run, which calls the entry `reach.ringfence.dev`.
   * Resolves to the warnings in the answer. Errors carry the HTTP status as `code`.
   */
  readonly tryCreate: (name: string) => Promise<readonly string[]>;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Milliseconds between two proofs after the first one, ±10 %. */
  readonly intervalMs?: number;
  readonly clock?: Pick<Clock, 'sleep'>;
}

/** The proof that the API server reaches Ringfence, and whether it still does. */
export interface Reach {
  /**
   * Resolves with the first proof, and repeats the proof until aborted. Rejects only when aborted.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Whether this process has had a proof, however long ago. */
  isProved(): boolean;
  /** Whether the API server reaches Ringfence, by the latest proofs; undefined before the first. */
  isReached(): boolean | undefined;
  /** One sentence that says which direction fails, and why; undefined if none does. */
  problem(): string | undefined;
}

/**
 * Proves reach by a dry-run write for which the API server has to call Ringfence's own entry.
 * Another replica may answer: the proof is about the address, the route and the trust, which all
 * replicas share.
 */
export function createReach(options: ReachOptions): Reach {
  const { tryCreate, log, intervalMs = 15_000, clock = systemClock } = options;
  let proved = false;
  let problem: string | undefined;
  let failures = 0;

  async function prove(): Promise<void> {
    const name = proofName(randomUUID());
    const warnings = await tryCreate(name);
    if (!warnings.some((text) => text.includes(reachWarning(name)))) throw new Error(notAsked);
    if (problem !== undefined || !proved) log.info({}, 'webhooks are reached by the API server');
    proved = true;
    problem = undefined;
    failures = 0;
  }

  function failed(error: unknown): void {
    failures += 1;
    const sentence = sentenceOf(error);
    // One call may fail because the replica that received it has just ended.
    const enough = sentence === notAsked ? failuresWhileNew : failuresToTell;
    if (failures < enough || sentence === problem) return;
    problem = sentence;
    log.warn({ reason: sentence }, 'webhooks are not reached by the API server');
  }

  return {
    isProved: () => proved,
    isReached: () => (problem !== undefined ? false : proved || undefined),
    problem: () => problem,
    async start(signal) {
      const attempts = { firstMs: firstRetryMs, longestMs: longestRetryMs, signal, clock, onFailure: failed };
      await retry(prove, attempts);
      void repeat(() => retry(prove, attempts), { everyMs: intervalMs, signal, clock });
    },
  };
}

/** Returns a sentence that says which of the two directions fails. */
function sentenceOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : 'not an error';
  const code = apiCode(error);
  if (code === undefined) return reason;
  if (code === 0) return `this process cannot reach the API server: ${reason}`;
  if (reason.includes(`"${reachEntryName}"`)) return `the API server cannot reach the webhooks: ${reason}`;
  return `the API server refuses the dry run that proves that it reaches the webhooks: ${reason}`;
}

const notAsked =
  'the API server answers, but did not call the webhooks: it does not know of them yet, or a match condition keeps the call out';

// An API server learns of the entry through a watch, within some milliseconds.
const firstRetryMs = 50;

// The address may become reachable at any time, and the entries must then fail closed within
// seconds.
const longestRetryMs = 2_000;

const failuresToTell = 2;

// About a second, in which every API server learns of the entry.
const failuresWhileNew = 5;
