import { agree, countOf } from '../wording/number.ts';
import type { Cause, Finding, PolicyConfig } from './check.ts';
import { isExposed, type JudgedOpening, type Opened, shortField } from './opening.ts';
import type { Subject } from './subject.ts';

// One mistake may break several rules: a rule of ingress that names nobody, or a namespace without
// labels. Findings with the same cause are told as one.

/** Says what ingress without peers does, and what to write instead. */
export function sayEveryone(subject: Subject): string {
  const instead = mayExpose(subject) ? '; or select only Pods of expose: "true", and label the policy so' : '';
  return `lets everyone in, the outside included; name peers under "from"${instead}`;
}

/** Whether anything in the namespace of a subject may be exposed. */
export function mayExpose({ facts }: Subject): boolean {
  return facts?.known !== true || facts.labels.get('expose') !== 'false';
}

/**
 * Returns the cause of what a rule of ingress opens that names nobody: it has no peers, or an
 * ipBlock that, with the others, holds every address of a family. Undefined for other rules.
 */
export function causedByAnyone(
  { direction, field, other, role }: JudgedOpening,
  { own, wholeIngress }: Opened,
  subject: Subject,
): Cause | undefined {
  if (direction !== 'ingress' || other.kind === 'pods' || isExposed(own)) return undefined;
  if (other.kind === 'addresses') {
    const whole = role === undefined ? wholeIngress : undefined;
    return whole !== undefined && other.ranges.some(({ family }) => whole.families.includes(family))
      ? { subject: whole.subject, reason: whole.reason }
      : undefined;
  }
  return { subject: shortField(field), reason: sayEveryone(subject) };
}

/**
 * Returns the cause of what the Pods of a namespace without a label open, because they may have any
 * value of it; undefined if the namespace has the label or it need not agree.
 */
export function causedByNamespace(
  key: string,
  { facts, namespace }: Subject,
  { taxonomy }: PolicyConfig,
): Cause | undefined {
  if (facts?.known !== true) return undefined;
  const said = facts.labels;
  const missing = [...taxonomy.keys.values()].filter((one) => one.agrees && !said.has(one.key)).map((one) => one.key);
  if (!missing.includes(key)) return undefined;
  const reason = `${namespace} has no ${missing.join(', ')}, so its Pods may be any; label the namespace`;
  return { subject: 'namespace', reason, namespace: namespace ?? '' };
}

/** One line about findings: a single finding, or the common cause of several. */
export interface Told<F extends Finding> {
  readonly subject: string;
  readonly reason: string;
  readonly checks: readonly string[];
  /** All findings of the line. The first is at the place of the line. */
  readonly findings: readonly [F, ...F[]];
}

/**
 * Returns the lines about findings, in their order. Findings of one cause are one line, at the
 * first of them. `kindOf` separates findings that a line must not mix, such as errors and warnings.
 */
export function tell<F extends Finding>(
  findings: readonly F[],
  kindOf: (finding: F) => string = ({ action }) => action,
): readonly Told<F>[] {
  const groups = new Map<string, [F, ...F[]]>();
  for (const [index, finding] of findings.entries()) {
    const { cause } = finding;
    const key = cause === undefined ? `${index}` : `${cause.subject} ${cause.reason} ${kindOf(finding)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()].map((group) => {
    const { cause } = group[0];
    // The line stands where the cause is, if a finding stands there.
    const rank = (one: F) => Number(one.subject === cause?.subject) + Number(one.reason === cause?.reason);
    group.sort((a, b) => rank(b) - rank(a));
    const [first] = group;
    const checks = [...new Set(group.map(({ check }) => check))];
    if (cause === undefined || group.length === 1)
      return { subject: first.subject, reason: first.reason, checks, findings: group };
    // The finding that states the cause itself does not follow from it.
    const count = group.filter(({ subject, reason }) => subject !== cause.subject || reason !== cause.reason).length;
    const follow = `${countOf(count, 'finding')} ${agree(count, 'follows', 'follow')}`;
    return { subject: cause.subject, reason: `${cause.reason}; ${follow} from it`, checks, findings: group };
  });
}
