import type { JudgedObject, LocatedFinding } from '../judgement/judgement.ts';
import { messageOf, type Report, severityOf } from './report.ts';

/** What is wrong in the same way in several objects. */
interface Sort {
  readonly text: string;
  readonly check: string;
  readonly objects: Set<JudgedObject>;
  count: number;
}

/**
 * Lines that count findings of one sort by kind: `expose missing on 25 objects: Deployment 20, Pod
 * 5`. Empty if no sort occurs in two objects. The most frequent comes first.
 */
export function countSorts({ objects }: Pick<Report, 'objects'>): readonly string[] {
  const sorts = new Map<string, Sort>();
  for (const object of objects) {
    for (const finding of object.findings) {
      const text = sortOf(object, finding);
      const key = `${text} ${finding.check}`;
      const sort = sorts.get(key) ?? { text, check: finding.check, objects: new Set(), count: 0 };
      sort.objects.add(object);
      sort.count += 1;
      sorts.set(key, sort);
    }
  }
  return [...sorts.values()]
    .filter((sort) => sort.objects.size > 1)
    .sort((a, b) => b.objects.size - a.objects.size || b.count - a.count || (a.text < b.text ? -1 : 1))
    .map(({ text, check, objects: found, count }) => {
      const what = text === '' ? `${count} findings` : text;
      return `${what} on ${found.size} objects: ${countKinds(found)}  [${check}]`;
    });
}

/** `Deployment 20, Pod 5`, the most frequent first. */
export function countKinds(objects: Iterable<JudgedObject>): string {
  const kinds = new Map<string, number>();
  for (const { subject } of objects) kinds.set(subject.kind, (kinds.get(subject.kind) ?? 0) + 1);
  return [...kinds]
    .sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1))
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
}

/**
 * What is the same in findings about a label: the label and the first clause. Findings about
 * specifications differ in each object, and only their check is the same.
 */
function sortOf({ read }: JudgedObject, finding: LocatedFinding): string {
  const isLabel = read !== undefined && finding.field === `${read.labelsField}.${finding.subject}`;
  const severity = severityOf(finding);
  if (severity === 'undecided') return isLabel ? `${finding.subject} not decided` : 'not decided';
  const [clause = ''] = finding.reason.split('; ');
  const text = isLabel ? messageOf({ ...finding, reason: clause }) : '';
  return severity === 'warning' && text !== '' ? `warning: ${text}` : text;
}
