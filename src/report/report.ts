import type { DocumentProblem } from '../documents/document.ts';
import type { JudgedObject, Judgement, LocatedFinding } from '../judgement/judgement.ts';
import type { PolicyConfig, RuleText } from '../policy/check.ts';
import { explainDenial, title } from '../policy/explain.ts';

/** A run: what was judged, and how. */
export interface Run extends Judgement {
  readonly problems: readonly DocumentProblem[];
  /** What a reader should know about the files, each a sentence without a full stop. */
  readonly notes: readonly string[];
  /** Whether problems leave the exit code to the findings. */
  readonly ignoreUnreadable: boolean;
  /** Every rule that findings may name, sorted by id. */
  readonly rules: readonly RuleText[];
  /** Whether warnings and undecided findings fail the run too. */
  readonly strict: boolean;
  /** The ids of the rules that the run left out, sorted. */
  readonly skipped: readonly string[];
  /** The findings that stood before, by a file; undefined without one. */
  readonly known: KnownCounts | undefined;
  readonly config: PolicyConfig;
}

/** The input of every reporter. It is the same for every format. */
export interface Report extends Run {
  readonly version: string;
  /** The address under which the pages of `docs/` are served, without a slash at the end. */
  readonly homepage: string;
}

export interface KnownCounts {
  readonly file: string;
  /** How many findings of the run stood before. */
  readonly count: number;
  /** How many findings of the file the run did not find. */
  readonly gone: number;
}

/**
 * What a finding means: admission refuses the object, admission warns, it could not be decided, or
 * it is only recorded.
 */
export type Severity = 'error' | 'warning' | 'undecided' | 'recorded';

export function severityOf(finding: LocatedFinding): Severity {
  if (finding.action === 'record') return 'recorded';
  if (finding.undecided) return 'undecided';
  return finding.action === 'deny' ? 'error' : 'warning';
}

/**
 * Whether a finding fails the run: admission would refuse the object. With `strict`, a warning or
 * an undecided finding fails it too.
 */
export function isFailing(finding: LocatedFinding, strict: boolean): boolean {
  const severity = severityOf(finding);
  return severity === 'error' || (strict && severity !== 'recorded');
}

/**
 * The exit code: 2 if something could not be read (so nothing is known about it) and this is not
 * ignored, 1 if a finding fails, or with `strict` if an object of an unknown kind may make Pods,
 * otherwise 0.
 */
export function exitCodeOf({
  objects,
  problems,
  unread,
  strict,
  ignoreUnreadable,
}: Pick<Report, 'objects' | 'problems' | 'unread' | 'strict' | 'ignoreUnreadable'>): 0 | 1 | 2 {
  if (problems.length > 0 && !ignoreUnreadable) return 2;
  if (strict && unread.size > 0) return 1;
  return objects.some(({ findings }) => findings.some((finding) => isFailing(finding, strict))) ? 1 : 0;
}

/** What a run counted. */
export interface Counts {
  /** The judged objects, how many of them are exempt, and how many would be refused. */
  readonly objects: number;
  readonly exempt: number;
  readonly failing: number;
  /** The findings, by what they mean. */
  readonly errors: number;
  readonly warnings: number;
  readonly undecided: number;
  readonly recorded: number;
}

export function countsOf({ objects, strict }: Pick<Report, 'objects' | 'strict'>): Counts {
  const findings = { error: 0, warning: 0, undecided: 0, recorded: 0 };
  for (const object of objects) for (const finding of object.findings) findings[severityOf(finding)] += 1;
  return {
    objects: objects.length,
    exempt: objects.filter(({ exempt }) => exempt).length,
    failing: objects.filter((object) => object.findings.some((finding) => isFailing(finding, strict))).length,
    errors: findings.error,
    warnings: findings.warning,
    undecided: findings.undecided,
    recorded: findings.recorded,
  };
}

/**
 * `env "prd" is not one of prod, staging, dev; did you mean "prod"?`: the words of admission, on
 * one line.
 */
export function messageOf({ subject, reason }: Pick<LocatedFinding, 'subject' | 'reason'>): string {
  return printable(`${subject} ${reason}`);
}

/** `Kind namespace/name`, as at the beginning of admission's messages. */
export function titleOf({ subject }: JudgedObject): string {
  return printable(title(subject));
}

/**
 * The labels to copy, and the line that says where they belong, as in a refusal. Empty if no label
 * would help.
 */
export function fixOf({ read, findings }: JudgedObject, config: PolicyConfig): readonly string[] {
  if (read === undefined) return [];
  // Findings without words of their own, so that text from a user cannot be mistaken for a line of
  // the answer.
  const wordless = findings
    .filter((finding) => !finding.undecided)
    .map((finding) => ({ ...finding, action: 'deny' as const, reason: '' }));
  if (wordless.length === 0) return [];
  const lines = explainDenial(read, wordless, config).split('\n');
  const start = lines.findIndex((line) => line.startsWith('Fix, under '));
  if (start === -1) return [];
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('  '));
  return lines.slice(start, end === -1 ? undefined : end).map(printable);
}

/**
 * Escapes control characters, so that the content of a file can neither control the terminal nor
 * break a line.
 */
function printable(text: string): string {
  // A literal range would put control characters into this file.
  return text.replace(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
