import type { Caches } from '../admission/facts.ts';
import type { Turns } from '../admission/turns.ts';
import type { CachedPolicy } from '../baseline/wall.ts';
import type { Config } from '../config/config.ts';
import type { Action } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { type Clock, systemClock } from '../retry/clock.ts';
import { judgeStanding, type Standing } from './standing.ts';

/** Judges the NetworkPolicies that exist, again and again, slowly. */
export interface Sweep {
  /** Starts after a few seconds, and goes on until aborted. Resolves then. */
  run(signal: AbortSignal): Promise<void>;
  /** The rules have changed: the next sweep begins soon. */
  wake(): void;
  /**
   * How many policies have a finding, by check and action, as of the last whole sweep; every pair
   * of both, also those without a policy. Empty before the first.
   */
  counts(): readonly StandingCount[];
}

export interface StandingCount {
  readonly check: string;
  readonly action: Action;
  readonly policies: number;
}

export interface SweepPorts {
  readonly policies: { values(): Iterable<CachedPolicy>; get(key: string): CachedPolicy | undefined };
  readonly caches: Caches;
  readonly turns: Turns;
  /**
   * Called with a policy that would be refused now: when that is found, when the findings change,
   * and each hour, because an Event is kept for an hour.
   */
  readonly tell: (policy: CachedPolicy, standing: Standing) => void;
  readonly clock?: Clock;
}

/** It takes at most a twentieth of a processor, and less while reviews are judged. */
const restFactor = 20;
const leastRestMs = 20;
const longestRestMs = 5_000;
/** The caches have been filled by then, and the certificates published. */
const firstMs = 10_000;
/** As long as the API server keeps an Event (kube-apiserver --event-ttl). */
const tellEveryMs = 3_600_000;

/**
 * A sweep judges every policy of the cache, one after another, with a rest after each. The judging
 * takes its turn among the reviews, a few milliseconds at a time. `everyMs` is the pause between
 * two sweeps, ±10 %, so that replicas do not keep step. Every replica sweeps: it costs the API
 * server nothing, and the metric of each replica is whole.
 */
export function createSweep(
  { policies, caches, turns, tell, clock = systemClock }: SweepPorts,
  config: () => Config,
  everyMs: number,
): Sweep {
  const told = new Map<string, Told>();
  let counts: readonly StandingCount[] = [];
  let waking = new AbortController();

  /** Judges one policy. Resolves to undefined once aborted, and for a policy that is not judged. */
  async function judge(key: string, signal: AbortSignal): Promise<Judged | undefined> {
    while (!signal.aborted) {
      const policy = policies.get(key);
      if (policy === undefined) return undefined;
      const begun = clock.uptime();
      // A result, or undefined while the reviews of others take the time.
      const result = await turns.take('', wrap(policy));
      const spentMs = clock.uptime() - begun;
      await clock.sleep(Math.min(Math.max(leastRestMs, restFactor * spentMs), longestRestMs), signal);
      if (result !== undefined) return result.standing && { policy, standing: result.standing };
    }
    return undefined;
  }

  function* wrap(policy: CachedPolicy) {
    return { standing: yield* judgeStanding(policy, caches, config()) };
  }

  async function sweep(signal: AbortSignal): Promise<void> {
    const found = new Map<string, number>();
    const refused = new Set<string>();
    const keys = [...policies.values()].map(({ metadata: { namespace = '', name = '' } }) => `${namespace}/${name}`);
    for (const key of keys) {
      const judged = await judge(key, signal);
      if (signal.aborted) return;
      if (judged === undefined) continue;
      const pairs = new Set(judged.standing.findings.map(({ check, action }) => `${check} ${action}`));
      for (const pair of pairs) found.set(pair, (found.get(pair) ?? 0) + 1);
      if (judged.standing.findings.some(({ action }) => action === 'deny')) {
        refused.add(key);
        tellOnce(key, judged);
      }
    }
    for (const key of told.keys()) if (!refused.has(key)) told.delete(key);
    counts = standingChecks.flatMap((check) =>
      actions.map((action) => ({ check, action, policies: found.get(`${check} ${action}`) ?? 0 })),
    );
  }

  function tellOnce(key: string, { policy, standing }: Judged): void {
    const what = JSON.stringify([policy.metadata.uid, standing.findings.map(({ check, field }) => [check, field])]);
    const last = told.get(key);
    const now = clock.uptime();
    if (last !== undefined && last.what === what && now - last.at < tellEveryMs) return;
    told.set(key, { what, at: now });
    tell(policy, standing);
  }

  async function rest(ms: number, signal: AbortSignal): Promise<void> {
    waking = new AbortController();
    await clock.sleep(ms * (0.9 + 0.2 * Math.random()), AbortSignal.any([signal, waking.signal]));
  }

  return {
    async run(signal) {
      await rest(Math.min(firstMs, everyMs), signal);
      while (!signal.aborted) {
        const judgedBy = config();
        await sweep(signal);
        // A change in the middle of a sweep has judged some of the policies only.
        await rest(config() === judgedBy ? everyMs : Math.min(firstMs, everyMs), signal);
      }
    },
    wake: () => waking.abort(),
    counts: () => counts,
  };
}

interface Judged {
  readonly policy: CachedPolicy;
  readonly standing: Standing;
}

interface Told {
  readonly what: string;
  readonly at: number;
}

const actions: readonly Action[] = ['deny', 'warn', 'record'];
/** What the findings on a NetworkPolicy may name; `readable` where the cache does not hold it. */
const standingChecks = [
  ...checks.filter(({ kinds }) => kinds.includes('NetworkPolicy')).map(({ id }) => id),
  'readable',
];
