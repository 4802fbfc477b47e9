// The examples of docs/checks.md: for each check a fixture that it refuses, with the answer, and
// one that no check has anything to say of.
import type { Check } from '../src/policy/check.ts';
import { checks } from '../src/policy/checks/index.ts';
import { evaluate } from '../src/policy/evaluate.ts';
import { explainDenial, explainWarnings } from '../src/policy/explain.ts';
import { exposedUnexpected } from '../src/policy/exposed-unexpected.ts';
import { type Fixture, fixturesOf, subjectOfFixture } from '../test/policy/fixture.ts';
import { config } from '../test/policy/minimal.ts';

/** Files that are judged as they stand: what leads from outside to Pods, and these Pods. */
const exposed = { bad: 'test/judgement/exposed/bad.yaml', good: 'test/judgement/exposed/good.yaml' } as const;

/** Renders a section for each check, in the order of the ids. */
export function renderExamples(read: (path: string) => string): string {
  const sections = new Map(checks.map((check) => [check.id, renderExample(check)]));
  sections.set(exposedUnexpected.id, renderFiles(read));
  return [...sections]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, section]) => [`### \`${id}\``, section])
    .join('\n\n');
}

function renderExample(check: Check): string {
  const [bad, good] = (['fail', 'pass'] as const).map((verdict) =>
    fixturesOf(check.id, verdict).find(({ fixture }) => fixture.example === true),
  );
  if (bad === undefined || good === undefined) throw new Error(`${check.id} has no example in test/fixtures`);
  return [
    check.rule,
    `Bad${placeOf(bad.fixture)}:`,
    block('yaml', bad.written),
    block('', answerTo(bad.fixture)),
    placeOf(good.fixture) === placeOf(bad.fixture) ? 'Good:' : `Good${placeOf(good.fixture)}:`,
    block('yaml', good.written),
  ].join('\n\n');
}

function renderFiles(read: (path: string) => string): string {
  const [bad, good] = [read(exposed.bad), read(exposed.good)];
  const [, answer = '', files = ''] = /^# ([^\n]+)\n(.*)$/s.exec(bad) ?? [];
  return [
    exposedUnexpected.rule,
    'Bad, in `ringfence check`:',
    block('yaml', files.trim()),
    block('', answer),
    'Good:',
    block('yaml', good.trim()),
  ].join('\n\n');
}

/** What kubectl prints of the object in a namespace that enforces: the refusal, or the warnings. */
function answerTo(fixture: Fixture): string {
  const subject = subjectOfFixture(fixture);
  const choice = { mode: 'enforce', source: 'cluster' } as const;
  const { findings, outcome } = evaluate(checks, subject, undefined, choice, config);
  if (outcome === 'denied') return explainDenial(subject, findings, config);
  return explainWarnings(subject, findings)
    .map((text) => `Warning: ${text}`)
    .join('\n');
}

function placeOf({ object, namespace, template }: Fixture): string {
  const listed = template === undefined ? '' : `, with \`template: ${template}\` in the configuration`;
  if (object.kind === 'Namespace') return listed;
  const labels = Object.entries(namespace?.labels ?? {}).map(([key, value]) => `${key}: ${value}`);
  const fenced = namespace?.fenced === true ? 'a fenced namespace' : 'a namespace that is not fenced,';
  return `, in ${fenced} ${labels.length === 0 ? 'without labels' : `with \`${labels.join(', ')}\``}${listed}`;
}

function block(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
