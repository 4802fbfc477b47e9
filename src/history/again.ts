import { isReservedName } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import { rulesDigest } from '../config/rules-digest.ts';
import { exposingKinds } from '../kubernetes/exposing-kinds.ts';
import { findKind } from '../kubernetes/kinds.ts';
import { openingKinds } from '../kubernetes/other-policies.ts';
import type { Check, Finding } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { canDeny, evaluate, outcomeOf } from '../policy/evaluate.ts';
import { exposedUnexpected } from '../policy/exposed-unexpected.ts';
import type { ModeChoice } from '../policy/mode.ts';
import { permissionRules } from '../policy/permissions.ts';
import { readable } from '../policy/readable.ts';
import type { Subject } from '../policy/subject.ts';
import type { AuditIdentity } from '../telemetry/audit.ts';
import { countOf } from '../wording/number.ts';
import { doubt, doubtKey, doubtOpenings, unrecordedKeys, withoutKeys } from './doubts.ts';
import { actAgain, choiceIn, isAskedAgain } from './kept.ts';
import type { AuditLine } from './line.ts';
import { judgeNamespaceAgain } from './namespace-again.ts';
import { inheritedBy, labelsFieldOf, type Recorded, recordedSubject } from './subject.ts';

/** How a request would be judged now, as far as its audit line decides it. */
export interface Again {
  readonly outcome: 'allowed' | 'warned' | 'denied' | 'undecided';
  /** The findings that are certain, or as they were. */
  readonly findings: readonly Finding[];
  /** What the line does not decide. If `outcome` is decided, none of it could change that. */
  readonly doubts: readonly Finding[];
}

/** Judges the requests of audit lines again under one configuration. */
export type Judge = (line: AuditLine) => Again | Promise<Again>;

/**
 * Creates a judge that runs the checks on the identity of a line, and acts again on the findings
 * that identity does not explain. A line that cannot decide the outcome is `undecided`; it never
 * counts as allowed.
 * @param chosen the mode of the line's namespace, if it is not that of the line and configuration
 */
export function createJudge(config: Config, chosen?: ModeChoice): Judge {
  const digest = rulesDigest(config);
  return (line) => {
    const choice = chosen ?? choiceIn(line, config);
    const isNamespace = line.kind === 'Namespace';
    if (!isNamespace && isExempt(line.namespace, config)) return conclude(line, []);
    if (line.decision === 'errored')
      return conclude(line, [doubt(readable, 'a defect of Ringfence decided, not a rule', choice, config)]);
    const { identity } = line;
    if (identity === undefined) return conclude(line, judgeUnidentified(line, choice, config));
    const hasOtherRules = identity.rules !== digest;
    const omitted = omittedIn(line, choice, config);
    if (isNamespace)
      return judgeNamespaceAgain(line, identity, hasOtherRules, choice, config).then((findings) =>
        conclude(line, [...omitted, ...findings]),
      );
    const recorded = recordedSubject(line, identity, config);
    if (recorded === undefined) return conclude(line, []);
    return conclude(line, [...omitted, ...judgeObject(line, identity, recorded, hasOtherRules, choice, config)]);
  };
}

function judgeObject(
  line: AuditLine,
  identity: AuditIdentity,
  recorded: Recorded,
  hasOtherRules: boolean,
  choice: ModeChoice,
  config: Config,
): readonly Finding[] {
  const { subject, before, kind } = recorded;
  if (identity.field !== undefined && identity.field !== labelsFieldOf(kind)) {
    const what = `the labels at ${labelsFieldOf(kind)}; the line has those at ${identity.field}`;
    return [doubt(readable, what, choice, config)];
  }
  const unrecorded = unrecordedKeys(identity, config.taxonomy);
  const known = withoutKeys(config, unrecorded);
  const isFilled = config.inherit && (identity.inherit !== true || hasOtherRules);
  const judge = (labels: Subject['labels']) => {
    const bare = { ...subject, labels };
    const given = isFilled ? inheritedBy({ ...recorded, subject: bare }, line.user, known) : new Map<string, string>();
    // A workload is judged as new if its template changes, as it does by a label that is filled in.
    const old = given.size > 0 && isTemplate(recorded) ? undefined : before;
    return evaluate(askedAgain, { ...bare, labels: new Map([...labels, ...given]) }, old, choice, known).findings;
  };
  const findings = [...judge(subject.labels)];
  if (identity.inherit === true && (!config.inherit || hasOtherRules)) doubtInherited(recorded, line, findings, judge);
  for (const key of unrecorded) findings.push(...doubtKey(key, subject.role, choice, config));
  const isAsked = (id: string) => askedIds.has(id);
  if (hasOtherRules && subject.role === 'NetworkPolicy') findings.push(...doubtOpenings(choice, config));
  else for (const logged of line.findings) if (!isAsked(logged.check)) findings.push(actAgain(logged, choice, config));
  return findings;
}

const askedAgain: readonly Check[] = checks.filter(isAskedAgain);
const askedIds: ReadonlySet<string> = new Set(askedAgain.map(({ id }) => id));

/** Judges a request that no check judged then, or whose line an earlier release wrote. */
function judgeUnidentified(line: AuditLine, choice: ModeChoice, config: Config): readonly Finding[] {
  const kept = line.findings.map((logged) => actAgain(logged, choice, config));
  const { kind, operation } = line;
  // In a namespace that was exempt, nobody asked for its own mode.
  const worst: ModeChoice = { ...choice, mode: 'enforce' };
  const isGuarded =
    kept.length > 0 || line.permissions !== undefined || (kind === 'NetworkPolicy' && isReservedName(line.name));
  if (isGuarded || (operation !== 'CREATE' && operation !== 'UPDATE')) return kept;
  const isJudged =
    findKind(kind) !== undefined || config.workloads.some((one) => one.kind === kind) || kind === 'Binding';
  if (isJudged)
    return [
      doubt(readable, 'the line has no identity: no check judged it, or an earlier release wrote it', worst, config),
    ];
  // The line has no group, and Calico has a NetworkPolicy too.
  if (exposingKinds.some((one) => one.kind === kind)) {
    if (!canDeny(exposedUnexpected, config)) return kept;
    return [doubt(exposedUnexpected, 'where it leads the outside; nobody may have looked then', worst, config)];
  }
  if (!config.otherPolicies || !openingKinds.some((one) => one.kind === kind)) return kept;
  return [
    doubt(permissionRules['other-policy'], 'whether the user may open the fence; nobody asked then', worst, config),
  ];
}

function isTemplate({ kind }: Pick<Recorded, 'kind'>): boolean {
  return kind !== 'Pod' && kind !== 'NetworkPolicy';
}

/**
 * Marks what depends on labels that `inherit` may have given then: the values of the namespace, and
 * safe defaults. Without such a label, a template may have been the old one.
 */
function doubtInherited(
  { kind, subject, before }: Recorded,
  { operation }: AuditLine,
  findings: Finding[],
  judge: (labels: Subject['labels']) => readonly Finding[],
): void {
  const said = subject.facts?.known === true ? subject.facts.labels : new Map<string, string>();
  // The only safe default is "false" (safeDefaultOf).
  const isGiven = (key: string, value: string) => value === said.get(key) || value === 'false';
  const own = new Map([...subject.labels].filter(([key, value]) => !isGiven(key, value)));
  const isIn = (one: Finding, others: readonly Finding[]) =>
    others.some(({ check, field, action }) => check === one.check && field === one.field && action === one.action);
  const mayBeOld =
    operation === 'UPDATE' && before === undefined && own.size < subject.labels.size && isTemplate({ kind });
  const otherwise = judge(own);
  const reason = "not decided: which labels are the object's own; missing ones were filled in then";
  const unsure = (one: Finding): Finding => ({ ...one, reason, undecided: true });
  const isSure = (one: Finding) => isIn(one, otherwise) && !(mayBeOld && one.action === 'deny');
  const more = otherwise.filter((one) => !isIn(one, findings));
  findings.splice(0, findings.length, ...findings.map((one) => (isSure(one) ? one : unsure(one))), ...more.map(unsure));
}

function omittedIn({ omittedFindings = 0 }: AuditLine, choice: ModeChoice, config: Config): readonly Finding[] {
  if (omittedFindings === 0) return [];
  return [doubt(readable, `${countOf(omittedFindings, 'more finding')}, which the line leaves out`, choice, config)];
}

/**
 * Returns the outcome that is certain. What is not decided counts if it was not decided then either
 * and has the same action as then; otherwise it makes the outcome undecided if it could change it.
 */
function conclude(line: AuditLine, all: readonly Finding[]): Again {
  const isAsThen = (one: Finding) =>
    line.findings.some(
      (then) =>
        then.undecided === true && then.check === one.check && then.field === one.field && then.action === one.action,
    );
  const findings = all.filter((one) => one.undecided !== true || isAsThen(one));
  const doubts = all.filter((one) => one.undecided === true && !isAsThen(one));
  const outcome = outcomeOf(findings);
  const worst = outcomeOf(all);
  return { outcome: outcome === worst ? outcome : 'undecided', findings, doubts };
}
