// The tables of docs/operations.md: sizes from the last benchmark, and the alerts.
import { parse } from 'yaml';
import { type Figure, show } from '../bench/figures.ts';
import type { Runs } from '../bench/keeping.ts';
import { plain, readRules } from './monitoring.ts';
import { table } from './table.ts';

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: { readonly containers: readonly [{ readonly resources: Resources }] };
    };
  };
}

interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly memory: string };
}

export function renderOperations(read: (path: string) => string): string {
  const runs = JSON.parse(read('docs/performance.json')) as Runs;
  const deployment = parse(read('manifests/base/deployment.yaml')) as Deployment;
  return [
    '## Sizes',
    describeDeployment(deployment),
    describeMemory(runs),
    renderGrowth(runs),
    renderReviews(runs),
    renderWrites(runs),
    renderJobs(runs),
    '## Alerts',
    renderAlertTable(read('manifests/monitoring/rules.yaml')),
  ].join('\n\n');
}

function describeDeployment({ spec }: Deployment): string {
  const { requests, limits } = spec.template.spec.containers[0].resources;
  return `The Deployment runs ${spec.replicas} replicas. Each requests ${requests.cpu} of a processor and ${requests.memory} of memory, and is limited to ${limits.memory}. It has no limit on the processor, because a throttled webhook would delay every write. All figures are measured by \`npm run bench\`; [performance.md](performance.md) says how, and on which machine.`;
}

function describeMemory(runs: Runs): string {
  const worked = [...casesOf(runs, 'memory')].filter(([of]) => of.includes('reviews'));
  const told = worked.map(([of, figure]) => `${figure('resident', 'MB')} MB (${of})`).join(' and ');
  return `A replica that has worked holds ${told}. So the limit is far above every row below, and the request is near to what a replica of a small cluster holds.`;
}

/** The figures of a part by case, and of a case by label and unit. */
function casesOf(runs: Runs, part: string): ReadonlyMap<string, (label: string, unit: string) => string> {
  const groups = groupsOf(runs, part);
  return new Map([...groups].map(([of, group]) => [of, (label, unit) => show(figureOf(group, of, label, unit))]));
}

function groupsOf(runs: Runs, part: string): ReadonlyMap<string, readonly Figure[]> {
  const { figures = [] } = runs[part] ?? {};
  return Map.groupBy(figures, ({ of = '' }) => of);
}

function figureOf(figures: readonly Figure[], of: string, label: string, unit: string): number {
  const found = figures.find((figure) => figure.label === label && figure.unit === unit);
  if (found === undefined) throw new Error(`docs/performance.json has no figure "${label}" in ${unit} of "${of}"`);
  return found.value;
}

function renderGrowth(runs: Runs): string {
  const rows = [...casesOf(runs, 'growth')]
    .filter(([of]) => of !== '')
    .map(([of, figure]) => [
      of,
      figure('resident memory, idle', 'MB'),
      figure('Pod of 3 KB, enforce', 'µs'),
      figure('lag to baseline alone, p99', 'ms'),
      figure('fenced in a burst', 'a second'),
    ]);
  return table(
    [
      'cluster',
      'memory of an idle replica (MB)',
      'processor time of a review in enforce (µs)',
      'from a namespace to its baseline, p99 (ms)',
      'namespaces fenced in a burst (a second)',
    ],
    rows,
  );
}

/** Reviews that one processor answers in a second, by the processor time of each. */
function renderReviews(runs: Runs): string {
  // One review at a time does not keep a processor busy.
  const together = [...groupsOf(runs, 'webhook')].filter(([of]) => !of.includes('one at a time'));
  const rows = together.map(([of, figures]) => {
    const time = figureOf(figures, of, 'processor', 'µs');
    return [of, show(time), String(Math.floor(1e6 / time / 100) * 100)];
  });
  return table(['review', 'processor time (µs)', 'answered by one processor (a second)'], rows);
}

function renderWrites(runs: Runs): string {
  const rows = [...casesOf(runs, 'cluster')]
    .filter(([of]) => of !== '' && of !== 'no webhook')
    .map(([of, figure]) => [of, figure('added on average', 'ms'), figure('added to p99', 'ms')]);
  return table(['the creation of a Pod, in', 'takes longer on average by (ms)', 'at p99 by (ms)'], rows);
}

function renderJobs(runs: Runs): string {
  const [audit, flows] = [[...casesOf(runs, 'audit')][0], [...casesOf(runs, 'flows')][0]];
  if (audit === undefined || flows === undefined) throw new Error('docs/performance.json has no audit or no flows');
  return table(
    ['command', 'of', 'time (s)', 'memory (MB)'],
    [
      ['`ringfence audit`', audit[0], audit[1]('time', 's'), audit[1]('peak memory', 'MB')],
      ['`ringfence plan --observed`', flows[0], flows[1]('time', 's'), flows[1]('most memory', 'MB')],
    ],
  );
}

function renderAlertTable(text: string): string {
  const rows = readRules(text)
    .groups.flatMap(({ rules }) => rules)
    .map(({ alert, labels, annotations }) => [
      `[${alert}](alerts.md#${alert.toLowerCase()})`,
      labels.severity,
      plain(annotations.summary),
    ]);
  return table(['alert', 'severity', 'when'], rows);
}
