import type { Config } from '../config/config.ts';
import type { JudgedObject } from '../judgement/judgement.ts';
import { linesOf } from '../report/lines.ts';
import { fixOf, messageOf, type Severity } from '../report/report.ts';
import type { AuditFinding } from './finding.ts';

/** What has to be corrected, and the findings that go with it. */
export interface Cause {
  readonly id: string;
  /** Empty for an object without a namespace. */
  readonly namespace: string;
  /** The worst of its findings. */
  readonly severity: Severity;
  readonly message: string;
  readonly checks: readonly string[];
  /** The objects to correct: `Deployment web`. */
  readonly at: readonly string[];
  /** How many findings there are, and on how many objects of each kind. */
  readonly count: number;
  readonly objects: ReadonlyMap<string, number>;
  readonly remedy: string;
  /** The labels to copy, and the line that says where they belong; empty if no label helps. */
  readonly fix: readonly string[];
}

/** From mild to bad. */
export const severities: readonly Severity[] = ['recorded', 'undecided', 'warning', 'error'];

/** Groups findings by their cause, worst first. */
export function causesOf(
  findings: readonly AuditFinding[],
  objects: readonly JudgedObject[],
  config: Config,
): readonly Cause[] {
  const judged = new Map(objects.map((object) => [nameOf(object.subject), object]));
  const causes = [...Map.groupBy(findings, ({ cause }) => cause.id)].map(([id, own]): Cause => {
    const [first] = own as [AuditFinding, ...AuditFinding[]];
    const { at, message } = first.cause;
    const object = judged.get(nameOf(at));
    const isNamespace = at.kind === 'Namespace' && first.field.includes('metadata.labels');
    return {
      id,
      namespace: at.kind === 'Namespace' ? at.name : (at.namespace ?? ''),
      severity: worstOf(own),
      message: isNamespace && object !== undefined ? sayNamespace(object, message) : message,
      checks: [...new Set(own.map(({ check }) => check))].sort(compare),
      at: [...new Set(own.map(({ cause }) => `${cause.at.kind} ${cause.at.name}`))],
      count: own.length,
      objects: countKinds(own),
      // The message of a common cause says what to do.
      remedy:
        (isNamespace ? object?.findings[0]?.remedy : undefined) ?? (message === first.message ? first.remedy : ''),
      fix: object === undefined ? [] : fixFor(own, object, config),
    };
  });
  return causes.sort(compareCauses);
}

/** Worst first, then those with most findings. */
export function compareCauses(a: Cause, b: Cause): number {
  return (
    severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
    b.count - a.count ||
    compare(a.namespace, b.namespace) ||
    compare(a.id, b.id)
  );
}

/** What is wrong with the labels of a namespace, in the words of `check`. */
function sayNamespace(namespace: JudgedObject, otherwise: string): string {
  const lines = linesOf(namespace).filter(({ findings: [{ field }] }) => field.startsWith('metadata.labels'));
  return lines.length > 0 ? lines.map(messageOf).join('; ') : otherwise;
}

/** The lines of an object's fix that are about labels of these findings. */
function fixFor(findings: readonly AuditFinding[], object: JudgedObject, config: Config): readonly string[] {
  const keys = new Set(findings.map(({ field }) => field.slice(field.lastIndexOf('metadata.labels.') + 16)));
  const [head, ...lines] = fixOf(object, config);
  const wanted = lines.filter((line) => keys.has(line.trimStart().split(': ')[0] ?? ''));
  return head === undefined || wanted.length === 0 ? [] : [head, ...wanted];
}

function countKinds(findings: readonly AuditFinding[]): ReadonlyMap<string, number> {
  const objects = new Map(findings.map((finding) => [nameOf(finding), finding.kind]));
  const counts = new Map<string, number>();
  for (const kind of objects.values()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return new Map([...counts].sort(([a, some], [b, others]) => others - some || compare(a, b)));
}

function worstOf(findings: readonly AuditFinding[]): Severity {
  const worst = Math.max(...findings.map(({ severity }) => severities.indexOf(severity)));
  return severities[worst] ?? 'recorded';
}

function nameOf({ kind, namespace, name }: { kind: string; namespace?: string | undefined; name: string }): string {
  return `${namespace ?? ''}/${kind}/${name}`;
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
