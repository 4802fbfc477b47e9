import type { PodEnd, PodRequest } from './pods.ts';
import type { Claim } from './replica.ts';
import type { Scheduler } from './scheduler.ts';
import { identityOf, type State, type Truth } from './truth.ts';

/**
 * Why a Pod was stored in a fenced namespace without its wall, although nothing was wrong: the
 * world changed between look and write.
 */
export type ExceptionKind = 'ended' | 'breached' | 'marked';

export interface Exception {
  readonly kind: ExceptionKind;
  /**
   * Whether the change came after the webhook's answer, and not between its last look and its
   * answer.
   */
  readonly isAfterAnswer: boolean;
  /** Milliseconds from the change to the Pod in the store, or to the answer. */
  readonly gapMs: number;
}

export interface Tally {
  /** The number of Pods stored in a fenced namespace with its wall. */
  walled: number;
  /** The number of Pods stored without a wall in a namespace that does not enforce. */
  unenforced: number;
  /** The number of Pods stored in a namespace that no longer exists. */
  orphaned: number;
  readonly exceptions: Exception[];
}

/** The invariants of every simulation, checked while it runs. */
export interface Invariants {
  readonly tally: Tally;
  /**
   * Checks that a claim of the gate was true between question and answer: its labels and, then or
   * later, its wall.
   */
  checkClaim(claim: Claim): void;
  /** Checks that no Pod is stored in a fenced namespace before its wall. */
  checkPod(end: PodEnd): void;
}

export function createInvariants(truth: Truth, scheduler: Scheduler, fail: (what: string) => void): Invariants {
  const tally: Tally = { walled: 0, unenforced: 0, orphaned: 0, exceptions: [] };

  function explain(claim: Claim, now: State): Exception | string {
    const isJustified = (state: State): boolean => state.isWalled || (isUnfenced(claim) && !state.isFenced);
    const evidence = truth.during(claim.namespace, claim.from, claim.to).findLast((state) => isJustified(state));
    if (evidence === undefined) return 'and at no moment of the review was there one';
    const since = truth.during(claim.namespace, evidence.version, now.version);
    const change = since[since.findLastIndex((state) => isJustified(state)) + 1];
    if (change === undefined) return 'and nothing took it away';
    if (change.by === 'replica') return 'and Ringfence itself took it away';
    const kind = now.uid !== evidence.uid || now.isTerminating ? 'ended' : isUnfenced(claim) ? 'marked' : 'breached';
    const isAfterAnswer = change.version > claim.to;
    return { kind, isAfterAnswer, gapMs: (isAfterAnswer ? scheduler.now() : claim.at) - change.at };
  }

  /** Whether the namespace had a milder mode at a moment of the review. */
  function wasMild(claim: Claim | undefined): boolean {
    if (claim === undefined) return false;
    return truth.during(claim.namespace, claim.from, claim.to).some(({ isEnforced }) => !isEnforced);
  }

  function checkAgreement(pod: PodRequest, claim: Claim | undefined): void {
    if (claim?.state.exists !== true) return;
    const { labels } = claim.state;
    const wrong = ['env', 'tier', 'team'].filter((key) => labels.has(key) && pod.labels[key] !== labels.get(key));
    if (wrong.length > 0) fail(`Pod ${pod.namespace}/${pod.name} differs from its namespace in ${wrong.join(', ')}`);
  }

  return {
    tally,
    checkClaim(claim) {
      const problem = problemOf(claim, truth.during(claim.namespace, claim.from, claim.to));
      if (problem === undefined) return;
      const { from, to, namespace, state } = claim;
      const said = state.exists ? { wall: state.wall, identity: identityOf(state.labels) } : { exists: false };
      fail(`the gate says of ${namespace} ${JSON.stringify(said)}, and between versions ${from} and ${to} ${problem}`);
    },
    checkPod(end) {
      if (end.end === 'refused') return;
      const { pod, phase, decision } = end;
      const now = truth.now(pod.namespace);
      const claim = decision?.claim;
      const isMild = saysMild(claim);
      if (phase === 'enforced' && isMild && !wasMild(claim))
        fail(`Pod ${pod.namespace}/${pod.name} is judged mildly, and its namespace enforced all the time`);
      const isStrict = phase === 'enforced' && !isMild;
      if (isStrict) checkAgreement(pod, claim);
      if (now.uid === undefined) tally.orphaned += 1;
      else if (!now.isFenced) return;
      else if (now.isWalled) tally.walled += 1;
      else if (!isStrict) tally.unenforced += 1;
      else {
        const found = claim === undefined ? 'and nobody looked' : explain(claim, now);
        if (typeof found === 'string') fail(`Pod ${pod.namespace}/${pod.name} is stored without a wall, ${found}`);
        else tally.exceptions.push(found);
      }
    },
  };
}

function saysMild(claim: Claim | undefined): boolean {
  if (claim?.state.exists !== true) return false;
  const mode = claim.state.labels.get('ringfence.dev/mode');
  return mode === 'warn' || mode === 'observe';
}

function isUnfenced({ state }: Claim): boolean {
  return state.exists && !state.fenced;
}

function problemOf({ state, options }: Claim, states: readonly State[]): string | undefined {
  if (!state.exists) return states.some(({ uid }) => uid === undefined) ? undefined : 'it was there all the time';
  const identity = identityOf(state.labels);
  const first = states.findIndex(
    (now) => now.wallIdentity === identity || (now.uid !== undefined && now.identity === identity),
  );
  if (first === -1) return 'neither namespace nor wall had these labels';
  const from = states.slice(first);
  if (!options.ensure) return undefined;
  if (state.wall === 'there' || state.wall === 'made')
    return from.some((now) => now.isWalled && now.isWallFirm) ? undefined : 'no wall stood then, or later';
  if (state.wall === 'terminating') return states.some((now) => now.isTerminating) ? undefined : 'it was not ending';
  if (state.wall === 'not-needed')
    return states.some((now) => now.uid !== undefined && !now.isFenced) ? undefined : 'it was fenced all the time';
  return undefined;
}
