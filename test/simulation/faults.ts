import type { Random } from './random.ts';
import type { Resource } from './store.ts';

/** What becomes of one call of a replica on its way to the API server and back. */
export interface Fate {
  /** Milliseconds there, and back. */
  readonly thereMs: number;
  readonly backMs: number;
  /** It never arrives, and nobody says so: the caller's own timeout ends it. */
  readonly isLost: boolean;
  /** The connection breaks, before the API server has heard of it or after it has done it. */
  readonly reset: 'before' | 'after' | undefined;
  /** Refused with a status, before anything is done or after all of it is. */
  readonly refusal: { readonly code: number; readonly reason: string; readonly isDone: boolean } | undefined;
  /** Arrives once more, so much later. */
  readonly repeatedMs: number | undefined;
}

/**
 * What can go wrong in one simulation: each seed has some of it, so that what hides behind much
 * trouble is met alone, too.
 */
export interface Faults {
  readonly plan: FaultPlan;
  /** From here on nothing new goes wrong. */
  end(): void;
  areOver(): boolean;
  fateOf(call: { readonly replica: string; readonly isWrite: boolean; readonly isList: boolean }): Fate;
  /** Nothing of a replica's (or of everybody's) arrives until then. */
  cutOff(replica: string | undefined, until: number): void;
  /** Every write is refused until then. */
  refuseWrites(until: number): void;
  /** Milliseconds that an event takes to whoever watches a resource. */
  watchLagMs(resource: Resource): number;
  /** So late are the events of a resource, once faults are over: late is no fault. */
  delayEvents(resource: Resource, lagMs: number): void;
}

export interface FaultPlan {
  readonly refusals: boolean;
  readonly resets: boolean;
  readonly losses: boolean;
  readonly repeats: boolean;
  readonly slowness: boolean;
  readonly outages: boolean;
  readonly crashes: boolean;
  readonly freezes: boolean;
  readonly watchTrouble: boolean;
  /**
   * Events that a watch leaves out, or tells again, against its promise: only the next full list
   * heals that.
   */
  readonly lostEvents: boolean;
  readonly lateEvents: boolean;
  /** Someone's webhook stores another specification than the one applied. */
  readonly interference: boolean;
  /** The API server's own view of namespaces lags behind what is stored. */
  readonly staleServer: boolean;
  /** Between an allowed review and the Pod in the store there may be seconds. */
  readonly slowStore: boolean;
}

const refusals = [
  { code: 409, reason: 'Conflict' },
  { code: 429, reason: 'TooManyRequests' },
  { code: 500, reason: 'InternalError' },
  { code: 503, reason: 'ServiceUnavailable' },
  // What a proxy says, and a role that is being changed.
  { code: 404, reason: '' },
  { code: 403, reason: 'Forbidden' },
] as const;
const expired = { code: 410, reason: 'Expired' } as const;

export function createFaults(random: Random, now: () => number): Faults {
  const isCalm = random.chance(0.1);
  const some = (probability: number): boolean => random.chance(probability) && !isCalm;
  const plan: FaultPlan = {
    refusals: some(0.5),
    resets: some(0.4),
    losses: some(0.3),
    repeats: some(0.2),
    slowness: some(0.5),
    outages: some(0.4),
    crashes: some(0.5),
    freezes: some(0.3),
    watchTrouble: some(0.6),
    lostEvents: some(0.2),
    lateEvents: some(0.5),
    interference: some(0.2),
    staleServer: some(0.4),
    slowStore: some(0.4),
  };
  const rate = random.pick([0.02, 0.1, 0.3]);
  const cuts = new Map<string, number>();
  const steadyLagMs: Record<Resource, number> = { namespaces: 0, networkpolicies: 0 };
  let writesRefusedUntil = 0;
  let isOver = false;

  const quick = (): number => random.wait(1.5);
  function travelMs(): number {
    if (isOver || !plan.slowness || !random.chance(rate)) return quick();
    return random.chance(0.8) ? random.wait(100) : random.between(500, 7_000);
  }
  function refusalOf(isWrite: boolean, isList: boolean): Fate['refusal'] {
    if (isWrite && now() < writesRefusedUntil) return { code: 503, reason: 'ServiceUnavailable', isDone: false };
    if (!plan.refusals || !random.chance(rate)) return undefined;
    const { code, reason } = isList && random.chance(0.3) ? expired : random.pick(refusals);
    return { code, reason, isDone: code >= 500 && random.chance(0.3) };
  }

  return {
    plan,
    end() {
      isOver = true;
      cuts.clear();
      writesRefusedUntil = 0;
    },
    areOver: () => isOver,
    fateOf({ replica, isWrite, isList }) {
      const times = { thereMs: travelMs(), backMs: travelMs() };
      if (isOver) return { ...times, isLost: false, reset: undefined, refusal: undefined, repeatedMs: undefined };
      const isCut = Math.max(cuts.get(replica) ?? 0, cuts.get('') ?? 0) > now();
      return {
        ...times,
        isLost: isCut || (plan.losses && random.chance(rate)),
        reset: plan.resets && random.chance(rate) ? random.pick(['before', 'after'] as const) : undefined,
        refusal: refusalOf(isWrite, isList),
        repeatedMs: plan.repeats && random.chance(rate) ? random.wait(50) : undefined,
      };
    },
    cutOff(replica, until) {
      cuts.set(replica ?? '', until);
    },
    refuseWrites(until) {
      writesRefusedUntil = until;
    },
    delayEvents(resource, lagMs) {
      steadyLagMs[resource] = lagMs;
    },
    watchLagMs(resource) {
      if (isOver) return steadyLagMs[resource] + quick();
      if (!plan.lateEvents || !random.chance(rate)) return quick();
      return random.chance(0.7) ? random.wait(200) : random.between(500, 5_000);
    },
  };
}
