import type { Action, Check, Finding, OpeningCheck, PolicyConfig, Violation } from './check.ts';
import { type Exception, findException } from './exception.ts';
import { type Mode, type ModeChoice, milder, modes } from './mode.ts';
import { isOpened, type NotOpened, openedBy } from './opened.ts';
import type { Opened } from './opening.ts';
import { readable } from './readable.ts';
import type { Subject } from './subject.ts';

/** The outcome for an object, with all its findings. */
export interface Decision {
  readonly outcome: 'allowed' | 'warned' | 'denied';
  readonly findings: readonly Finding[];
}

/**
 * Judges one object by every check for its kind and operation. The action for a finding is the
 * milder of the check's cap and the mode. An undecided finding therefore refuses only in `enforce`.
 * A finding that an exception waives is only recorded.
 * @param before the old object, if the update is ratcheted: a violation that it already had (see
 *   {@link stoodBefore}) only warns
 */
export function evaluate(
  checks: readonly Check[],
  subject: Subject,
  before: Subject | undefined,
  choice: ModeChoice,
  config: PolicyConfig,
): Decision {
  const steps = evaluateInSteps(checks, subject, before, choice, config);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same in steps, for an object that takes long: one step for each check. */
export function* evaluateInSteps(
  checks: readonly Check[],
  subject: Subject,
  before: Subject | undefined,
  choice: ModeChoice,
  config: PolicyConfig,
): Generator<void, Decision> {
  const findings: Finding[] = [];
  const ask = askAbout(subject, checks, config);
  const askBefore = before === undefined ? undefined : askAbout(before, checks, config);
  // What a specification opens is the same before and after, so it is not worked out twice.
  const isSame = before !== undefined && before.networkPolicySpec === subject.networkPolicySpec;
  for (const check of checks) {
    if (!check.kinds.includes(subject.judgedAs) || !check.operations.includes(subject.operation)) continue;
    if ('judge' in check) yield;
    const violations = ask(check);
    if (violations.length === 0) continue;
    const standing = 'judge' in check && isSame ? violations : (askBefore?.(check) ?? []);
    const exception = findException(check.id, subject, config.exceptions);
    for (const violation of violations) {
      const ratcheted = standing.some((old) => stoodBefore(violation, old));
      const rule = violation.unreadable ? readable : check;
      const found = { ...violation, check: rule.id, ...act(rule, violation, choice, ratcheted, config) };
      findings.push(exception === undefined ? found : waive(found, exception));
    }
  }
  if (findings.length > 1) findings.sort(byKeyThenCheck(config));
  return { outcome: outcomeOf(findings), findings };
}

/**
 * Whether an earlier violation of the same check contains everything of a later one. If both have
 * parts, the parts are compared, because a shortened text may stay the same while the parts grow.
 */
export function stoodBefore(now: Violation, old: Violation): boolean {
  if (now.field !== old.field) return false;
  if (now.parts === undefined || old.parts === undefined) return now.found === old.found;
  return new Set(now.parts).isSubsetOf(new Set(old.parts));
}

/**
 * Returns a function that runs a check on one object. What a NetworkPolicy opens is determined only
 * once, for the first check that needs it. If it cannot be determined, one of the checks reports
 * that for all.
 */
export function askAbout(
  subject: Subject,
  checks: readonly Check[],
  config: PolicyConfig,
): (check: Check) => readonly Violation[] {
  let opened: Opened | NotOpened | undefined;
  return (check) => {
    if (!('judge' in check)) return check.run(subject, config);
    if (!isAsked(check, config)) return [];
    opened ??= openedBy(subject, config);
    if (isOpened(opened)) return check.judge(opened, subject, config);
    return check === doubtReporter(checks, config) ? opened.violations : [];
  };
}

/**
 * Returns the check that reports doubt: the strictest one, so that a check with a milder cap does
 * not weaken the doubt of the others.
 */
function doubtReporter(checks: readonly Check[], config: PolicyConfig): Check | undefined {
  const asked = checks.filter((check) => 'judge' in check).filter((check) => isAsked(check, config));
  const strictness = (check: Check) => modes.indexOf(capOf(check, config));
  const most = Math.max(...asked.map(strictness));
  const strictest = asked.filter((check) => strictness(check) === most);
  return strictest.find((check) => check.reportsDoubt) ?? strictest[0];
}

function isAsked({ key }: OpeningCheck, config: PolicyConfig): boolean {
  return key === undefined || config.taxonomy.keys.has(key(config));
}

/** Returns the outcome of findings: the strictest of their actions. */
export function outcomeOf(findings: readonly Finding[]): Decision['outcome'] {
  if (findings.some((finding) => finding.action === 'deny')) return 'denied';
  return findings.some((finding) => finding.action === 'warn') ? 'warned' : 'allowed';
}

/** Returns the strictest action that a mode allows. */
export function actionOf(mode: Mode): Action {
  switch (mode) {
    case 'enforce':
      return 'deny';
    case 'warn':
      return 'warn';
    case 'observe':
      return 'record';
  }
}

/** Returns the waived finding: it is only recorded, and names the exception and its end. */
function waive(finding: Finding, { name, until }: Exception): Finding {
  const reason = `${finding.reason}; exception ${name} waives this until ${until}`;
  return { ...finding, reason, action: 'record', because: 'exception', exception: name };
}

/**
 * Returns the action for a violation of a rule, and its reason. What stood before an update is
 * never refused.
 */
export function act(
  rule: Pick<Check, 'id' | 'cap'>,
  { atMost }: Pick<Violation, 'atMost'>,
  choice: ModeChoice,
  ratcheted: boolean,
  config: Pick<PolicyConfig, 'caps'>,
): Pick<Finding, 'action' | 'because' | 'standing'> {
  const acted = actUnder(rule, choice, config, atMost);
  if (!ratcheted) return acted;
  return { ...(acted.action === 'deny' ? { action: 'warn', because: 'ratchet' } : acted), standing: true };
}

/**
 * Returns the action for a finding of a rule, and its reason: the mildest of the rule's cap, the
 * finding's `atMost` and the mode.
 */
export function actUnder(
  check: Pick<Check, 'id' | 'cap'>,
  choice: ModeChoice,
  config: Pick<PolicyConfig, 'caps'>,
  atMost: Mode = 'enforce',
): Pick<Finding, 'action' | 'because'> {
  const mode = milder(milder(capOf(check, config), atMost), choice.mode);
  return { action: actionOf(mode), because: mode === choice.mode ? choice.source : 'cap' };
}

/** Whether a finding of a check can refuse anything, under the mode that refuses. */
export function canDeny(check: Pick<Check, 'id' | 'cap'>, config: Pick<PolicyConfig, 'caps'>): boolean {
  return capOf(check, config) === 'enforce';
}

function capOf({ id, cap }: Pick<Check, 'id' | 'cap'>, { caps }: Pick<PolicyConfig, 'caps'>): Mode {
  return caps.get(id) ?? cap;
}

/** Sorts findings: labels first, in the order of the taxonomy, then the rest by check and field. */
function byKeyThenCheck(
  config: PolicyConfig,
): (a: Violation & { check: string }, b: Violation & { check: string }) => number {
  const order = [...config.taxonomy.keys.keys()];
  const rank = (violation: Violation): number => {
    const index = order.indexOf(violation.subject);
    return index === -1 ? order.length : index;
  };
  return (a, b) => rank(a) - rank(b) || compare(a.check, b.check) || compare(a.field, b.field);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
