import type { Random } from './random.ts';
import type { Resource } from './store.ts';

/** The fate of one call of a replica on its way to the API server and back. */
export interface Fate {
  /** Milliseconds there, and back. */
  readonly thereMs: number;
  readonly backMs: number;
  /** Whether it is lost without an error, so that only the caller's own timeout ends it. */
  readonly isLost: boolean;
  /**
   * Whether the connection breaks, before the API server gets the call or after it has taken
   * effect.
   */
  readonly reset: 'before' | 'after' | undefined;
  /** A refusal with a status, before the call takes effect or after it. */
  readonly refusal: { readonly code: number; readonly reason: string; readonly isDone: boolean } | undefined;
  /** Milliseconds after which it arrives again. */
  readonly repeatedMs: number | undefined;
}

/**
 * The faults of one simulation. Each seed has some of them, so that a fault also occurs without
 * others that could hide it.
 */
export interface Faults {
  readonly plan: FaultPlan;
  /** Ends all faults: nothing new goes wrong. */
  end(): void;
  areOver(): boolean;
  fateOf(call: { readonly replica: string; readonly isWrite: boolean; readonly isList: boolean }): Fate;
  /** Cuts off a replica (or all) until then. */
  cutOff(replica: string | undefined, until: number): void;
  /** Refuses every write until then. */
  refuseWrites(until: number): void;
  /** The delay of events of a resource, in milliseconds. */
  watchLagMs(resource: Resource): number;
  /** Sets the delay of the events of a resource after the faults. A delay is not a fault. */
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
   * Whether watches lose or repeat events, against the API's promise. Only the next full list
   * corrects that.
   */
  readonly lostEvents: boolean;
  readonly lateEvents: boolean;
  /** Whether somebody's webhook stores another specification than the applied one. */
  readonly interference: boolean;
  /** Whether the API server's own view of namespaces lags behind the store. */
  readonly staleServer: boolean;
  /** Whether there may be seconds between an allowed review and the Pod in the store. */
  readonly slowStore: boolean;
}

const refusals = [
  { code: 409, reason: 'Conflict' },
  { code: 429, reason: 'TooManyRequests' },
  { code: 500, reason: 'InternalError' },
  { code: 503, reason: 'ServiceUnavailable' },
  // The answer of a proxy, and of a role that is being changed.
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
