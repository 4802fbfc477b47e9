import type { Action, Check, Finding, PolicyConfig, Violation } from './check.ts';
import { type Mode, type ModeChoice, milder } from './mode.ts';
import type { Subject } from './subject.ts';

/** The aggregate of an object's findings. */
export interface Decision {
  readonly outcome: 'allowed' | 'warned' | 'denied';
  readonly findings: readonly Finding[];
}

/**
 * Judges one object by every check that speaks of its kind and operation.
 * `before` is the object as it was, where the update is ratcheted: a violation that stood already (same check, field and value) weakens to a warning.
 * A finding's action is the milder of the check's cap and the mode; what could not be decided refuses only under `enforce`.
 */
export function evaluate(
  checks: readonly Check[],
  subject: Subject,
  before: Subject | undefined,
  choice: ModeChoice,
  config: PolicyConfig,
): Decision {
  const findings: Finding[] = [];
  for (const check of checks) {
    if (!check.kinds.includes(subject.kind) || !check.operations.includes(subject.operation)) continue;
    const violations = check.run(subject, config);
    if (violations.length === 0) continue;
    const standing = before === undefined ? [] : check.run(before, config);
    for (const violation of violations) {
      const ratcheted = standing.some((old) => old.field === violation.field && old.found === violation.found);
      findings.push({ ...violation, check: check.id, ...act(check, choice, ratcheted, config) });
    }
  }
  if (findings.length > 1) findings.sort(byKeyThenCheck(config));
  return { outcome: outcomeOf(findings), findings };
}

/** The aggregate of findings: one that denies denies, one that warns warns. */
export function outcomeOf(findings: readonly Finding[]): Decision['outcome'] {
  if (findings.some((finding) => finding.action === 'deny')) return 'denied';
  return findings.some((finding) => finding.action === 'warn') ? 'warned' : 'allowed';
}

/** The strictest action a mode allows. */
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

function act(
  check: Check,
  choice: ModeChoice,
  ratcheted: boolean,
  config: PolicyConfig,
): Pick<Finding, 'action' | 'because'> {
  const acted = actUnder(check, choice, config);
  return ratcheted && acted.action === 'deny' ? { action: 'warn', because: 'ratchet' } : acted;
}

/** What becomes of a finding of a rule: the milder of the rule's cap and the mode that holds, and which of them decided. */
export function actUnder(
  { id, cap }: Pick<Check, 'id' | 'cap'>,
  choice: ModeChoice,
  config: Pick<PolicyConfig, 'caps'>,
): Pick<Finding, 'action' | 'because'> {
  const mode = milder(config.caps.get(id) ?? cap, choice.mode);
  return { action: actionOf(mode), because: mode === choice.mode ? choice.source : 'cap' };
}

/** Labels first, in the taxonomy's order, so that a person reads them as they would write them; then the rest by field. */
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
