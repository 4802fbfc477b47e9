import type { Evaluator } from '../network/evaluator.ts';
import type { Direction } from '../network/rules.ts';
import type { Candidate } from './candidates.ts';
import { namespaceOf } from './end.ts';
import type { Law } from './law.ts';
import { type Ruling, ruleOn, type Twins, type Worlds } from './verdicts.ts';

/** What becomes of a flow if a namespace is fenced. */
export interface Fate {
  readonly fate: 'kept' | 'cut' | 'forbidden' | 'denied-already' | 'undecided';
  readonly today: 'open' | 'denied' | 'unknown';
  /** Where it is cut, of the ends in the namespace. */
  readonly side: Direction | 'both' | undefined;
  /** Of a forbidden flow: whether the fence cuts it. Undefined where that is not decided. */
  readonly isCut?: boolean;
  /** The policies that keep it, as `namespace/name`. */
  readonly by: readonly string[];
  /** One clause; empty if there is nothing to say. */
  readonly reason: string;
  /**
   * The direction in which the policies of the other end deny it, although it passes (a plugin that
   * only audits): that end needs a policy too.
   */
  readonly elsewhere: readonly Direction[];
}

/** Decides fates in one world. */
export interface FateJudge {
  judge(candidate: Candidate, namespace: string): Fate;
}

/** `today` has the policies as they are; `fenced` has the baseline in every namespace as well. */
export function createFateJudge(today: Evaluator, fenced: Evaluator, law: Law, twins: Twins): FateJudge {
  const now = new Map<Candidate, Ruling>();

  function ruleToday(candidate: Candidate): Ruling {
    const ruling = now.get(candidate) ?? ruleOn(candidate, { egress: today, ingress: today }, 'some', twins);
    now.set(candidate, ruling);
    return ruling;
  }

  return {
    judge(candidate, namespace) {
      const { from, to, protocol, pairs, isAudited, why } = candidate;
      if (from.kind === 'unresolved' || to.kind === 'unresolved') {
        const reason = pairs.flatMap((pair) => [pair.from.why, pair.to.why]).find(Boolean) ?? 'an end is not resolved';
        return { ...undecided, today: 'unknown', reason };
      }
      if (protocol === 'ICMP')
        return { ...undecided, today: 'unknown', reason: 'NetworkPolicies say nothing about ICMP' };
      if (from.kind === 'node' && from.name === 'host')
        return { ...none, fate: 'kept', today: 'open', reason: 'a node always reaches its own Pods' };
      const current = ruleToday(candidate);
      const state = isAudited ? 'open' : states[current.verdict];
      if (state === 'unknown')
        return { ...undecided, today: state, reason: current.because ?? 'the verdict is undefined' };
      if (state === 'denied')
        return { ...none, fate: 'denied-already', today: state, reason: 'the policies of today deny it' };
      const forbidden = pairs.map((pair) => law.judge(pair, protocol, candidate.port)).find(Boolean);
      const own = { egress: namespaceOf(from) === namespace, ingress: namespaceOf(to) === namespace };
      const worlds: Worlds = { egress: own.egress ? fenced : today, ingress: own.ingress ? fenced : today };
      const behind = ruleOn(candidate, worlds, 'all', twins);
      if (forbidden !== undefined) {
        const cut = behind.verdict === 'undefined' ? {} : { isCut: behind.verdict === 'denied' };
        return { ...none, fate: 'forbidden', today: state, reason: forbidden.reason, ...cut };
      }
      if (behind.verdict === 'allowed')
        return { ...none, fate: 'kept', today: state, by: behind.by, reason: why ?? '' };
      if (behind.verdict === 'undefined')
        return { ...undecided, today: state, reason: behind.because ?? 'the verdict is undefined' };
      const denied = (['egress', 'ingress'] as const).filter((side) => behind[side] === 'denied');
      const cut = denied.filter((side) => own[side]);
      return {
        ...none,
        fate: 'cut',
        today: state,
        side: cut.length === 2 ? 'both' : cut[0],
        reason: isAudited && current.verdict === 'denied' ? 'audited: denied on paper, and it passes' : (why ?? ''),
        elsewhere: denied.filter((side) => !own[side] && current.isIsolated[side]),
      };
    },
  };
}

const none = { side: undefined, by: [], reason: '', elsewhere: [] } as const;
const undecided = { ...none, fate: 'undecided' } as const;
const states = { allowed: 'open', denied: 'denied', undefined: 'unknown' } as const;
