import type { DocumentProblem } from '../documents/document.ts';
import type { JudgedObject, Judgement, LocatedFinding } from '../judgement/judgement.ts';
import type { PolicyConfig, RuleText } from '../policy/check.ts';
import { explainDenial, title } from '../policy/explain.ts';

/** What a reporter turns into text: the same for every format. */
export interface Report extends Judgement {
  /** What could not be read. */
  readonly problems: readonly DocumentProblem[];
  /** Every rule that findings may name, in the order of the ids. */
  readonly rules: readonly RuleText[];
  /** Whether warnings and what could not be decided fail too. */
  readonly strict: boolean;
  /** Ringfence's own version. */
  readonly version: string;
  readonly config: PolicyConfig;
}

/**
 * What a finding is to its reader: it keeps the object out, it warns, it could not be decided, or
 * it is only recorded.
 */
export type Severity = 'error' | 'warning' | 'undecided' | 'recorded';

export function severityOf(finding: LocatedFinding): Severity {
  if (finding.action === 'record') return 'recorded';
  if (finding.undecided) return 'undecided';
  return finding.action === 'deny' ? 'error' : 'warning';
}

/**
 * Whether a finding fails the run: what admission would refuse; with `strict` also what it would
 * warn of, and what could not be decided.
 */
export function isFailing(finding: LocatedFinding, strict: boolean): boolean {
  const severity = severityOf(finding);
  return severity === 'error' || (strict && severity !== 'recorded');
}

/**
 * The exit code: 2 where something could not be read (so that nothing can be said of it), 1 where a
 * finding fails, 0 else.
 */
export function exitCodeOf({ objects, problems, strict }: Pick<Report, 'objects' | 'problems' | 'strict'>): 0 | 1 | 2 {
  if (problems.length > 0) return 2;
  return objects.some(({ findings }) => findings.some((finding) => isFailing(finding, strict))) ? 1 : 0;
}

/**
 * `env "prd" is not one of prod, staging, dev; did you mean "prod"?`: the words of admission, on
 * one line.
 */
export function messageOf({ subject, reason }: LocatedFinding): string {
  return printable(`${subject} ${reason}`);
}

/** `Kind namespace/name`, as admission's messages begin. */
export function titleOf({ subject }: JudgedObject): string {
  return printable(title(subject));
}

/**
 * The labels to copy, with the line that says where to, as a refusal has them; empty where no label
 * would help.
 */
export function fixOf({ read, findings }: JudgedObject, config: PolicyConfig): readonly string[] {
  if (read === undefined) return [];
  // Findings with no words of their own, so that what a user wrote cannot be taken for a line of
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

/** What a file holds must not steer the terminal, nor break a line in two. */
function printable(text: string): string {
  // Control characters are what is looked for, hence by code point and not by a literal range.
  return text.replace(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
