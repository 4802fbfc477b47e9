import type { JudgedObject } from '../judgement/judgement.ts';
import { fixOf, isFailing, messageOf, type Report, type Severity, severityOf, titleOf } from './report.ts';

/**
 * Findings for people: one line for each, which editors and terminals turn into a link; the fix
 * once for each object; a summary at the end.
 */
export function reportText(report: Report): string {
  const lines = report.objects.flatMap((object) => sayObject(object, report));
  return [...lines, summarize(report), ''].join('\n');
}

const prefix: Readonly<Record<Severity, string>> = {
  error: '',
  warning: 'warning: ',
  // The reason itself says that it is undecided.
  undecided: '',
  recorded: 'recorded: ',
};

function sayObject(object: JudgedObject, { config }: Report): readonly string[] {
  const { file } = object.document;
  const lines = object.findings.map(
    (finding) =>
      `${file}:${finding.line}:${finding.column}: ${titleOf(object)}: ${prefix[severityOf(finding)]}${messageOf(finding)}  [${finding.check}]`,
  );
  return [...lines, ...fixOf(object, config).map((line) => `  ${line}`)];
}

/** One line that says what was judged, and the result. */
export function summarize({ objects, passedOver, problems, strict }: Report): string {
  const count = (severity: Severity): number =>
    objects.reduce((sum, { findings }) => sum + findings.filter((one) => severityOf(one) === severity).length, 0);
  const failing = objects.filter(({ findings }) => findings.some((finding) => isFailing(finding, strict))).length;
  const exempt = objects.filter((object) => object.exempt).length;
  const refused =
    failing === 0 ? ', none would be refused' : `, ${failing} ${strict ? 'would fail' : 'would be refused'}`;
  const outcome = objects.length === 0 ? '' : refused;
  const counts = [
    plural(count('error'), 'finding'),
    plural(count('warning'), 'warning'),
    count('undecided') === 0 ? '' : `${count('undecided')} not decided`,
    count('recorded') === 0 ? '' : `${count('recorded')} recorded`,
    plural(problems.length, 'problem'),
  ].filter((text) => text !== '');
  const judged = plural(objects.length, 'object') || 'no object';
  const out = exempt === 0 ? '' : ` (${exempt} exempt)`;
  return `${judged} judged${out}${outcome}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}${sayPassedOver(passedOver)}.`;
}

function sayPassedOver(passedOver: ReadonlyMap<string, number>): string {
  const kinds = [...passedOver].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => `${count} ${what}`);
  return kinds.length === 0 ? '' : `; not judged: ${kinds.join(', ')}`;
}

function plural(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}
