import type { JudgedObject, LocatedFinding } from '../judgement/judgement.ts';
import type { Told } from '../policy/cause.ts';
import { agree, countOf } from '../wording/number.ts';
import { foldLines } from './lines.ts';
import { countsOf, fixOf, messageOf, type Report, type Run, type Severity, severityOf, titleOf } from './report.ts';
import { countKinds, countSorts } from './summary.ts';

/**
 * Findings for people: one line for each, which editors and terminals turn into a link; each fix
 * once; a summary at the end. Namespaces from whose labels other findings follow come first.
 */
export function reportText(report: Report): string {
  const followers = followersIn(report.objects);
  const isCause = (object: JudgedObject) => followers.has(object);
  const objects = [...report.objects.filter(isCause), ...report.objects.filter((object) => !isCause(object))];
  const fixes = groupFixes(objects, report);
  const said = foldLines(objects);
  const lines = objects.flatMap((object) => {
    const fix = fixOf(object, report.config);
    const isShared = (fixes.get(fix.join('\n')) ?? []).length > 1;
    return [
      ...sayObject(object, said.get(object) ?? []),
      ...sayFollowers(followers.get(object)),
      ...(isShared ? [] : fix.map(indent)),
    ];
  });
  return [...lines, ...saySharedFixes(fixes), ...countSorts(report), summarize(report), ''].join('\n');
}

/** The findings that follow from the labels of a namespace, and their objects. */
interface Followers {
  readonly objects: Set<JudgedObject>;
  count: number;
}

/** The findings that follow from the labels of each Namespace that has findings itself. */
function followersIn(objects: readonly JudgedObject[]): ReadonlyMap<JudgedObject, Followers> {
  const namespaces = new Map(
    objects
      .filter(({ subject, findings }) => subject.kind === 'Namespace' && findings.length > 0)
      .map((object) => [object.subject.name, object]),
  );
  const followers = new Map<JudgedObject, Followers>();
  for (const object of objects) {
    for (const { cause } of object.findings) {
      const namespace = cause?.namespace === undefined ? undefined : namespaces.get(cause.namespace);
      if (namespace === undefined) continue;
      const found = followers.get(namespace) ?? { objects: new Set(), count: 0 };
      found.objects.add(object);
      found.count += 1;
      followers.set(namespace, found);
    }
  }
  return followers;
}

function sayFollowers(followers: Followers | undefined): readonly string[] {
  if (followers === undefined) return [];
  const { count, objects } = followers;
  return [indent(`${countOf(count, 'finding')} ${agree(count, 'follows', 'follow')} from it: ${countKinds(objects)}`)];
}

/** The objects of each fix, by its text. */
function groupFixes(objects: readonly JudgedObject[], { config }: Report): ReadonlyMap<string, JudgedObject[]> {
  const fixes = new Map<string, JudgedObject[]>();
  for (const object of objects) {
    const text = fixOf(object, config).join('\n');
    if (text === '') continue;
    const there = fixes.get(text);
    if (there === undefined) fixes.set(text, [object]);
    else there.push(object);
  }
  return fixes;
}

function saySharedFixes(fixes: ReadonlyMap<string, readonly JudgedObject[]>): readonly string[] {
  return [...fixes].flatMap(([text, objects]) => {
    if (objects.length === 1) return [];
    return text.replace('Fix, ', `Fix for ${objects.length} objects (${countKinds(objects)}), `).split('\n');
  });
}

function indent(line: string): string {
  return `  ${line}`;
}

const prefix: Readonly<Record<Severity, string>> = {
  error: '',
  warning: 'warning: ',
  // The reason itself says that it is undecided.
  undecided: '',
  recorded: 'recorded: ',
};

function sayObject(object: JudgedObject, lines: readonly Told<LocatedFinding>[]): readonly string[] {
  const { file } = object.document;
  return lines.map((told) => {
    const [finding] = told.findings;
    const { line, column } = finding;
    const text = `${prefix[severityOf(finding)]}${messageOf(told)}  [${told.checks.join(', ')}]`;
    return `${file}:${line}:${column}: ${titleOf(object)}: ${text}`;
  });
}

/** One line that says what was judged, the result, and what was left out. */
export function summarize(report: Run): string {
  const { passedOver, problems, strict } = report;
  const { objects, exempt, failing, errors, warnings, undecided, recorded } = countsOf(report);
  const refused =
    failing === 0 ? ', none would be refused' : `, ${failing} ${strict ? 'would fail' : 'would be refused'}`;
  const outcome = objects === 0 ? '' : refused;
  const counts = [
    errors === 0 ? '' : countOf(errors, 'finding'),
    warnings === 0 ? '' : countOf(warnings, 'warning'),
    undecided === 0 ? '' : `${undecided} not decided`,
    recorded === 0 ? '' : `${recorded} recorded`,
    problems.length === 0 ? '' : countOf(problems.length, 'problem'),
  ].filter((text) => text !== '');
  const judged = objects === 0 ? 'no object' : countOf(objects, 'object');
  const out = exempt === 0 ? '' : ` (${exempt} exempt)`;
  return `${judged} judged${out}${outcome}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}${sayPassedOver(passedOver)}.${sayLeftOut(report)}`;
}

/** What does not count in this run: findings that stood before, and checks. */
function sayLeftOut({ known, skipped, rules }: Run): string {
  const run = rules.filter(({ id }) => !skipped.includes(id)).map(({ id }) => id);
  const checks =
    skipped.length === 0
      ? ''
      : run.length < skipped.length
        ? ` Only these checks count: ${run.join(', ') || 'none'}.`
        : ` Checks left out: ${skipped.join(', ')}.`;
  if (known === undefined) return checks;
  const { file, count, gone } = known;
  const stood = ` ${count === 0 ? 'No finding' : countOf(count, 'finding')} stood before (${file}).`;
  return `${stood}${gone === 0 ? '' : ` ${gone} of ${file} no longer found.`}${checks}`;
}

function sayPassedOver(passedOver: ReadonlyMap<string, number>): string {
  return passedOver.size === 0 ? '' : `; not judged: ${listPassedOver(passedOver)}`;
}

/** `2 excluded files, 1 v1 Service`. */
export function listPassedOver(passedOver: ReadonlyMap<string, number>): string {
  return [...passedOver]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, count]) => `${count} ${agree(count, what, plurals.get(what) ?? what)}`)
    .join(', ');
}

/** The reasons that have a plural. The types of objects have none. */
const plurals: ReadonlyMap<string, string> = new Map([
  ['Kustomization', 'Kustomizations'],
  ['configuration of a kustomization', 'configurations of kustomizations'],
  ['data file of a kustomization', 'data files of kustomizations'],
  ['excluded file', 'excluded files'],
  ['excluded folder', 'excluded folders'],
  ['hidden folder', 'hidden folders'],
  ['node_modules folder', 'node_modules folders'],
  ['patch of a kustomization', 'patches of kustomizations'],
]);
