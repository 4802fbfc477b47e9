import type { JudgedObject, LocatedFinding } from '../judgement/judgement.ts';
import { type Told, tell } from '../policy/cause.ts';
import { severityOf } from './report.ts';
import { countKinds } from './summary.ts';

/**
 * The lines about each of the objects, as {@link linesOf} has them. A line that only states the
 * mistake of a namespace is the same for every Pod in it. It stands at the first of them, with the
 * number of the others.
 */
export function foldLines(
  objects: readonly JudgedObject[],
): ReadonlyMap<JudgedObject, readonly Told<LocatedFinding>[]> {
  const lines = new Map(objects.map((object) => [object, linesOf(object)]));
  const owners = new Map<string, JudgedObject[]>();
  for (const [object, told] of lines)
    for (const line of told) {
      const key = sharedKey(line);
      if (key === undefined) continue;
      const known = owners.get(key);
      if (known === undefined) owners.set(key, [object]);
      else known.push(object);
    }
  const fold = (object: JudgedObject, line: Told<LocatedFinding>): readonly Told<LocatedFinding>[] => {
    const [first, ...others] = owners.get(sharedKey(line) ?? '') ?? [];
    if (first === undefined || others.length === 0) return [line];
    if (first !== object) return [];
    return [{ ...line, reason: `${line.reason}; the same of ${others.length} more: ${countKinds(others)}` }];
  };
  return new Map([...lines].map(([object, told]) => [object, told.flatMap((line) => fold(object, line))]));
}

/** What equal lines of several objects share; undefined for a line about its own object. */
function sharedKey({ findings: [finding, ...others], checks }: Told<LocatedFinding>): string | undefined {
  const { cause, reason } = finding;
  if (cause?.namespace === undefined || cause.reason !== reason || others.length > 0) return undefined;
  return JSON.stringify([checks, severityOf(finding), reason]);
}

/**
 * The lines about an object: findings of one cause are one line, as in a refusal. The labels that a
 * Namespace lacks are one line too; the fix has their values.
 */
export function linesOf({ subject, findings }: JudgedObject): readonly Told<LocatedFinding>[] {
  const lines = tell(findings, severityOf);
  const missing =
    subject.kind === 'Namespace' ? lines.filter(({ findings: [finding] }) => isPlainlyMissing(finding)) : [];
  const [first] = missing;
  if (first === undefined || missing.length === 1) return lines;
  const reason = `${missing.map((line) => line.subject).join(', ')} are missing`;
  const folded = { ...first, subject: 'labels', reason };
  return lines.flatMap((line) => (line === first ? [folded] : missing.includes(line) ? [] : [line]));
}

/** A label with a likely misspelling has a message of its own, which quotes it. */
function isPlainlyMissing({ check, reason, action }: LocatedFinding): boolean {
  return check === 'required-labels' && action === 'deny' && !reason.startsWith('missing; "');
}
