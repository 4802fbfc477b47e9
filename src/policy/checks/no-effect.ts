// Rule: a NetworkPolicy isolates Pods that no other policy isolates, or allows traffic that no
// other policy allows. Of two that are equal, one is reported.
import { listAt } from '../../kubernetes/raw-object.ts';
import { type Budget, createBudget, reviewLimits } from '../../network/budget.ts';
import { allowsMore, isWider, lazyDigestOf, type PolicyDigest } from '../../network/digest.ts';
import type { Neighbour } from '../../network/neighbour.ts';
import { spent } from '../../network/openings.ts';
import type { OpeningCheck, Violation } from '../check.ts';
import type { Opened } from '../opening.ts';
import type { Subject } from '../subject.ts';

export const noEffect: OpeningCheck = {
  id: 'no-effect',
  rule: 'A NetworkPolicy isolates or allows something that the other policies of its namespace do not.',
  remedy:
    'Remove it and keep the policies that the message names, or write what you intend. Policies add up, so none can remove what another allows.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge(opened, subject) {
    const why = reasonWithout(opened, subject);
    return why === undefined ? [] : [why];
  },
};

const directions = ['ingress', 'egress'] as const;

function reasonWithout({ policy, selectsNoJudged }: Opened, subject: Subject): Violation | undefined {
  const violation = { field: 'spec', subject: 'spec', found: undefined };
  if (selectsNoJudged) {
    return {
      ...violation,
      field: 'spec.podSelector',
      subject: 'podSelector',
      reason: 'no Pod of this namespace can have these labels, so it has no effect',
    };
  }
  // The check policy-types reports rules that policyTypes leaves out, which were meant to have one.
  const isLeftOut = directions.some(
    (direction) => !policy.isolates[direction] && listAt(subject.networkPolicySpec, direction).length > 0,
  );
  if (isLeftOut) return undefined;
  const fenced = subject.facts?.known === true && subject.facts.fenced;
  const { surroundings } = subject;
  const budget = surroundings?.budget ?? createBudget(reviewLimits);
  const { policies = [], more } = surroundings?.others?.() ?? {};
  const own = lazyDigestOf(policy);
  const wider = policies.filter(
    ({ name, digest }) =>
      isWider(digest, own.podSelector) &&
      !(surroundings?.isJudgedLater?.(name) === true && isCoveredBy(digest, [own], fenced, budget) === true),
  );
  const covered = isCoveredBy(own, digestsOf(wider), fenced, budget);
  if (covered !== true) {
    // A policy that adds nothing to the known policies adds nothing to more of them.
    const doubt = covered === undefined ? `comparing it with the other NetworkPolicies: ${spent}` : more;
    if (doubt === undefined) return undefined;
    return { ...violation, reason: `not decided: whether it has an effect: ${doubt}`, undecided: true };
  }
  if (fenced && directions.every((direction) => policy[direction].length === 0))
    return { ...violation, reason: 'has no effect: the baseline isolates every Pod of this namespace already' };
  return { ...violation, reason: `has no effect: ${sayCover(own, wider, fenced, budget)}` };
}

function digestsOf(policies: readonly Neighbour[]): readonly PolicyDigest[] {
  return policies.map(({ digest }) => digest);
}

/**
 * Whether others isolate and allow all that a policy does. They select at least the same Pods. In a
 * fenced namespace the baseline isolates. Undefined if the budget ends first.
 */
function isCoveredBy(
  own: PolicyDigest,
  others: readonly PolicyDigest[],
  fenced: boolean,
  budget: Budget,
): boolean | undefined {
  const wider = others.filter((other) => isWider(other, own.podSelector));
  const isIsolated = (direction: 'ingress' | 'egress') =>
    fenced || !own.isolates[direction] || wider.some(({ isolates }) => isolates[direction]);
  if (!directions.every(isIsolated)) return false;
  for (const direction of directions) {
    const more = allowsMore(direction, own, wider, budget);
    if (more !== false) return more === undefined ? undefined : false;
  }
  return true;
}

/** Says which policies make another one superfluous, and which of them may go. */
function sayCover(own: PolicyDigest, wider: readonly Neighbour[], fenced: boolean, budget: Budget): string {
  const alone = wider.find(({ digest }) => isCoveredBy(own, [digest], fenced, budget) === true);
  if (alone === undefined) {
    const needed = wider.filter(({ digest }) =>
      directions.some(
        (direction) => digest.rules[direction] > 0 || (own.isolates[direction] && digest.isolates[direction]),
      ),
    );
    return `NetworkPolicies ${listed(needed)} together isolate and allow the same; if you remove it, keep them`;
  }
  const isTwin = isCoveredBy(alone.digest, [own], fenced, budget) === true;
  return isTwin
    ? `NetworkPolicy ${alone.name} isolates and allows the same; remove one of the two`
    : `NetworkPolicy ${alone.name} isolates and allows this and more; remove this one`;
}

/** Formats the names of policies: `a, b, c and 2 more`. */
function listed(policies: readonly Neighbour[]): string {
  const shown = policies.slice(0, 3).map(({ name }) => name);
  const left = policies.length - shown.length;
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ');
}
