// Rule: a NetworkPolicy isolates Pods that no other policy isolates, or allows traffic that no
// other policy allows.
import { listAt } from '../../kubernetes/raw-object.ts';
import { type Budget, createBudget, reviewLimits } from '../../network/budget.ts';
import { allowsMore, digestOfSelector, isWider, type PolicyDigest } from '../../network/digest.ts';
import type { Neighbour } from '../../network/neighbour.ts';
import { spent } from '../../network/openings.ts';
import type { Policy } from '../../network/rules.ts';
import type { OpeningCheck, Violation } from '../check.ts';
import type { Opened } from '../opening.ts';
import type { Subject } from '../subject.ts';

export const noEffect: OpeningCheck = {
  id: 'no-effect',
  rule: 'A NetworkPolicy isolates or allows something that the other policies of its namespace do not.',
  remedy: 'Remove it, or write what you intend. Policies add up, so none can remove what another allows.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge(opened, subject) {
    const why = reasonWithout(opened, subject);
    return why === undefined ? [] : [why];
  },
};

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
  const fenced = subject.facts?.known === true && subject.facts.fenced;
  const { surroundings } = subject;
  const others = surroundings?.policies ?? [];
  const directions = (['ingress', 'egress'] as const).filter((direction) => policy.isolates[direction]);
  const wider = others.length === 0 ? [] : widerThan(policy, others);
  const isolatesMore = !fenced && directions.some((direction) => !wider.some(({ isolates }) => isolates[direction]));
  const adds = isolatesMore || addsRules(policy, wider, surroundings?.budget ?? createBudget(reviewLimits));
  if (adds !== false) {
    // A policy that adds nothing to the known policies adds nothing to more of them.
    const doubt =
      adds === undefined ? `comparing it with the other NetworkPolicies: ${spent}` : surroundings?.morePolicies;
    if (doubt === undefined) return undefined;
    return { ...violation, reason: `not decided: whether it has an effect: ${doubt}`, undecided: true };
  }
  const ignored = (['ingress', 'egress'] as const).find(
    (direction) => !policy.isolates[direction] && listAt(subject.networkPolicySpec, direction).length > 0,
  );
  if (ignored !== undefined) {
    const type = ignored === 'ingress' ? 'Ingress' : 'Egress';
    return {
      ...violation,
      field: 'spec.policyTypes',
      subject: 'policyTypes',
      reason: `leaves out ${type}, so its ${ignored} rules have no effect; add ${type}`,
    };
  }
  const reason =
    fenced && directions.every((direction) => policy[direction].length === 0)
      ? 'has no effect: the baseline isolates every Pod of this namespace already'
      : 'has no effect: the other policies isolate and allow the same already';
  return { ...violation, reason };
}

/** The policies that select at least what a policy selects. */
function widerThan({ podSelector }: Policy, others: readonly Neighbour[]): readonly PolicyDigest[] {
  const digest = digestOfSelector(podSelector);
  return others.map((other) => other.digest).filter((other) => isWider(other, digest));
}

/** Whether a policy allows what the others do not. Undefined if the budget ends first. */
function addsRules(policy: Policy, others: readonly PolicyDigest[], budget: Budget): boolean | undefined {
  for (const direction of ['ingress', 'egress'] as const) {
    const more = allowsMore(
      policy[direction],
      others.map((other) => other[direction]),
      budget,
    );
    if (more !== false) return more;
  }
  return false;
}
