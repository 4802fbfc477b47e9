import { agree, countOf } from '../wording/number.ts';
import { advice, labelFixes } from './advice.ts';
import { tell } from './cause.ts';
import type { Finding, PolicyConfig } from './check.ts';
import type { Subject, Titled } from './subject.ts';

/** The API server cuts longer warnings (admission/v1 AdmissionResponse.warnings). In characters. */
const warningLimit = 120;

/**
 * The title of an object is shortened to at least this length. Then the sentence of the warning is
 * shortened.
 */
const titleLimit = 40;

/** More rows than a screen has do not help, and a hostile object could cause thousands. */
const rowLimit = 40;

/**
 * More warnings would not be read. The API server also drops warnings beyond 4,096 characters in
 * total.
 */
const warnedLimit = 10;

/**
 * Values of a refused object are shown up to this length. A label value has at most 63 characters,
 * so no valid one is cut.
 */
const valueLimit = 80;

/** The limit of a reason. A list of more than a hundred allowed values still fits. */
const reasonLimit = 2000;

/**
 * Returns the text of a refusal. It begins with `Kind namespace/name:`. Every finding that denies
 * has its own line (subject, reason, check id). Then follow one fix to copy, missing permissions,
 * and advice for tools that create objects without labels.
 */
export function explainDenial(subject: Subject, findings: readonly Finding[], config: PolicyConfig): string {
  const denying = findings.filter((finding) => finding.action === 'deny');
  const lines = [`${title(subject)}: ${headline(subject, denying)}`, ...table(denying)];
  const fixes = labelFixes(subject, denying, config);
  if (fixes.length > 0)
    lines.push(`Fix, under ${subject.labelsField}:`, ...fixes.map(([key, text]) => `  ${key}: ${text}`));
  lines.push(...grantsOf(denying), ...advice(subject, denying, config));
  return lines.join('\n');
}

/** Returns the text of a refusal for another reason than labels: the findings and a remedy. */
export function explainFindings(subject: Titled, findings: readonly Finding[], remedy: string): string {
  const denying = findings.filter((finding) => finding.action === 'deny');
  const isWrong = denying.some((finding) => !finding.undecided);
  const start = `${title(subject)}: ${headline({ labelsField: 'metadata.labels' }, denying)}`;
  return [start, ...table(denying), ...(isWrong ? [`Fix: ${remedy}`] : [])].join('\n');
}

/** Returns the text about an object that exists and would be refused if it were created now. */
export function explainStanding(subject: Titled, findings: readonly Finding[]): string {
  const denying = findings.filter((finding) => finding.action === 'deny');
  return [`${title(subject)}: exists, but would be refused if it were created now`, ...table(denying)].join('\n');
}

/** Returns the lines that name the missing permissions and the RBAC rules that grant them. */
export function grantsOf(findings: readonly Finding[]): string[] {
  const missing = findings.flatMap((finding) => finding.missing ?? []);
  if (missing.length === 0) return [];
  // Each resource has its own verbs and names, so one rule for each resource grants exactly what is
  // missing.
  const rules = [...new Set(missing.map(({ resource }) => resource))].map((resource) => {
    const of = missing.filter((one) => one.resource === resource);
    return { resource, verbs: new Set(of.map(({ verb }) => verb)), names: new Set(of.map(({ name }) => name)) };
  });
  const quoted = (texts: Iterable<string>) => [...texts].map((text) => JSON.stringify(text)).join(', ');
  return [
    ...rules.map(
      ({ resource, verbs, names }) =>
        `Needed: the ${agree(verbs.size, 'verb')} ${quoted(verbs)} on ${resource}.ringfence.dev named ${quoted(names)}`,
    ),
    'Granted by a ClusterRole, bound by a ClusterRoleBinding, with',
    '  rules:',
    ...rules.map(
      ({ resource, verbs, names }) =>
        `  - {apiGroups: [ringfence.dev], resources: [${resource}], verbs: [${[...verbs].join(', ')}], resourceNames: [${quoted(names)}]}`,
    ),
  ];
}

/** Where a sentence may go on in another warning: outside of quoted values of users. */
const betweenParts = /; (?=(?:[^"]*"[^"]*")*[^"]*$)/;

/**
 * Returns the warnings of findings, each within the limit of the API server. A long name is
 * shortened in the middle. A sentence that is still too long continues in further warnings, because
 * its end says what to do. The most important findings come first: those that a stricter mode would
 * refuse, then those that are only ever warnings, and last those that were so before.
 */
export function explainWarnings(subject: Titled, findings: readonly Finding[]): string[] {
  const warned = tell(
    findings
      .filter((finding) => finding.action === 'warn')
      .sort((a, b) => importance.indexOf(a.because) - importance.indexOf(b.because)),
    ({ because }) => because,
  );
  const left = warned.length - warnedLimit;
  return warned
    .slice(0, warnedLimit)
    .flatMap(({ reason, checks: [check = '', ...others], findings: [finding], ...told }) => {
      const standing = finding.because === 'ratchet' ? ' (as before)' : '';
      const end = `${standing} [${check}${others.length === 0 ? '' : ` and ${others.length} more`}]`;
      const say = (part: string) => ` ${told.subject} ${part}`;
      // A part of a sentence does not go on from the subject, as its beginning does.
      const goOn = (part: string) => ` ${told.subject}: ${part}`;
      const length = Math.min(title(subject).length, titleLimit) + say(reason).length + end.length;
      const [first = '', ...rest] = length < warningLimit ? [reason] : reason.split(betweenParts);
      return [shorten(subject, say(first), end), ...rest.map((part) => shorten(subject, goOn(part)))];
    })
    .concat(left > 0 ? [shorten(subject, ` and ${left} more`)] : []);
}

const importance: readonly Finding['because'][] = ['guard', 'cluster', 'namespace', 'cap', 'ratchet', 'exception'];

/** Returns `Kind namespace/name`, with which every message and warning begins. */
export function title(subject: Titled): string {
  const name = subject.name === '' ? '(unnamed)' : subject.name;
  return subject.namespace === undefined ? `${subject.kind} ${name}` : `${subject.kind} ${subject.namespace}/${name}`;
}

/** Returns a warning, `Kind namespace/name: sentence`, within the limit of the API server. */
export function warning(subject: Titled, sentence: string): string {
  return shorten(subject, ` ${sentence}`);
}

function headline(subject: Pick<Subject, 'labelsField'>, findings: readonly Finding[]): string {
  if (findings.every((finding) => finding.undecided)) return 'refused, because it could not be decided:';
  if (findings.every((finding) => finding.missing !== undefined))
    return findings.length === 1 ? 'a permission is missing' : `${findings.length} permissions are missing`;
  const place = subject.labelsField === 'metadata.labels' ? '' : ' of its pod template';
  const labels = findings.every((finding) => finding.field.startsWith(subject.labelsField));
  const noun = labels ? 'label' : 'finding';
  const count = tell(findings).length;
  return `${countOf(count, noun)}${place} ${agree(count, 'keeps', 'keep')} it out`;
}

function table(findings: readonly Finding[]): string[] {
  const told = tell(findings);
  const rows = told.slice(0, rowLimit).map(({ subject, reason, checks }) => ({
    subject,
    reason: clip(reason),
    check: `[${checks.join(', ')}]`,
  }));
  const left = told.length - rows.length;
  const first = Math.max(...rows.map((row) => row.subject.length));
  const second = Math.max(...rows.map((row) => row.reason.length));
  const lines = rows.map((row) => `  ${row.subject.padEnd(first)}  ${row.reason.padEnd(second)}  ${row.check}`);
  return left > 0 ? [...lines, `  and ${left} more of the same kinds`] : lines;
}

/** Shortens a reason. It quotes values of users, which may be of any length. */
function clip(reason: string): string {
  if (reason.length <= valueLimit) return reason;
  const clipped = reason.replace(/"[^"]{81,}"/g, (quoted) => `"${shortenMiddle(quoted.slice(1, -1), valueLimit)}"`);
  return shortenMiddle(clipped, reasonLimit);
}

/**
 * Joins `Kind namespace/name:`, a sentence and an end. The end is never cut: it contains the id of
 * the check, with which people look up a finding.
 */
function shorten(subject: Titled, sentence: string, end = ''): string {
  const full = `${title(subject)}:${sentence}${end}`;
  if (full.length <= warningLimit) return full;
  const room = Math.max(titleLimit, warningLimit - sentence.length - end.length - 1);
  const start = `${shortenMiddle(title(subject), room)}:${sentence}`;
  const left = warningLimit - end.length;
  return `${start.length <= left ? start : `${start.slice(0, left - 1)}…`}${end}`;
}

function shortenMiddle(text: string, room: number): string {
  if (text.length <= room) return text;
  const half = Math.floor((room - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(text.length - (room - 1 - half))}`;
}
