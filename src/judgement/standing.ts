import type { Caches } from '../admission/facts.ts';
import { readOthers, surroundingsOf } from '../admission/facts.ts';
import { inheritedLabels } from '../admission/inherit.ts';
import type { Steps } from '../admission/turns.ts';
import { isInForce } from '../baseline/desired.ts';
import type { CachedPolicy } from '../baseline/wall.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import { createBudget, reviewLimits } from '../network/budget.ts';
import type { Finding } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { evaluateInSteps } from '../policy/evaluate.ts';
import { modeIn } from '../policy/mode.ts';
import { isSubject, readSubject, type Titled } from '../policy/subject.ts';

/** What admission would say of an object that exists, if it were created now. */
export interface Standing {
  readonly subject: Titled;
  readonly findings: readonly Finding[];
}

/**
 * Judges a NetworkPolicy of the cache as if it were created now, by the checks, the mode and the
 * limits of a review. What it was admitted with may have been out of date, or its namespace, the
 * configuration or a named namespace may have changed since. Undefined for a policy that admission
 * does not judge: in an exempt namespace, in one that ends or that the cache does not have, and a
 * part of the baseline, which Ringfence maintains.
 */
export function* judgeStanding(policy: CachedPolicy, caches: Caches, config: Config): Steps<Standing | undefined> {
  const { namespace = '', name = '' } = policy.metadata;
  const home = isExempt(namespace, config) ? undefined : caches.namespace(namespace);
  if (home === undefined || home.terminating || (home.fenced && isInForce(name, config))) return undefined;
  const subject = { kind: 'NetworkPolicy', namespace, name } as const;
  if (policy.isLeftOut !== undefined) return { subject, findings: [leftOut] };
  const budget = createBudget(reviewLimits);
  yield* readOthers(namespace, caches, budget);
  const { labels, fenced } = home;
  const read = readSubject('NetworkPolicy', policy, {
    operation: 'CREATE',
    namespace,
    facts: { known: true, labels, fenced },
    // All are judged, in any order, so the names decide which of two equal ones is reported.
    surroundings: surroundingsOf(namespace, name, caches, budget, { isJudgedLater: (other) => other > name }),
  });
  // The API server stores no object of another form.
  if (!isSubject(read)) return undefined;
  const inherited = config.inherit ? inheritedLabels('NetworkPolicy', policy, labels, config) : [];
  const complete = { ...read, labels: new Map([...read.labels, ...inherited]) };
  const choice = modeIn(labels, config.mode);
  const { findings } = yield* evaluateInSteps(checks, complete, undefined, choice, config);
  return { subject, findings };
}

/** The cache does not hold its specification. A review would, so nothing is said about refusal. */
const leftOut: Finding = {
  check: 'readable',
  field: 'spec',
  subject: 'spec',
  found: undefined,
  reason: 'not decided: its namespace has more NetworkPolicies than Ringfence keeps',
  undecided: true,
  action: 'record',
  because: 'guard',
};
