// `npm run bench [-- --json FILE]`: what the README and the documentation claim of speed and memory, measured.
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { benchJudgement } from './judge.ts';
import { benchNetwork, type NetworkFigures } from './network.ts';

const { values } = parseArgs({ options: { json: { type: 'string' } } });

const [tenth, full] = await benchNetwork();
if (tenth === undefined || full === undefined) throw new Error('a measurement is missing');

const rows: readonly (readonly [string, keyof NetworkFigures, number | undefined])[] = [
  ['pods', 'pods', undefined],
  ['file, MB', 'fileMegabytes', undefined],
  ['classes of equal pods', 'classes', undefined],
  ['pairs of classes that reach', 'allowedPairs', undefined],
  ['reading the file, s', 'loadSeconds', undefined],
  ['- of the processor', 'loadProcessorSeconds', undefined],
  ['peak memory after reading, MB', 'loadPeakMegabytes', 300],
  ['the whole matrix, s', 'matrixSeconds', 2],
  ['- of the processor', 'matrixProcessorSeconds', undefined],
  ['100,000 questions, s', 'querySeconds', 1],
  ['- of the processor', 'queryProcessorSeconds', undefined],
  ['peak memory, MB', 'peakMegabytes', 300],
  ['100,000 questions as JSON lines with reasons, s', 'explainedQuerySeconds', undefined],
  ['- of the processor', 'explainedQueryProcessorSeconds', undefined],
  ['peak memory after them, MB', 'explainedPeakMegabytes', undefined],
];

console.log(`Node ${process.versions.node}, ${cpus().length} processors`);
console.log(
  `${'figure'.padEnd(50)}${'a tenth'.padStart(10)}${'full size'.padStart(11)}${'growth'.padStart(9)}${'target'.padStart(9)}`,
);
for (const [label, key, target] of rows) {
  const [small, large] = [tenth[key], full[key]];
  const cells = [show(small).padStart(10), show(large).padStart(11), `x${show(large / small)}`.padStart(9)];
  console.log(`${label.padEnd(50)}${cells.join('')}${(target === undefined ? '' : `< ${target}`).padStart(9)}`);
}
const judgement = await benchJudgement();
console.log('\nJudging NetworkPolicies at admission');
for (const { label, value, unit, target } of judgement)
  console.log(`${label.padEnd(70)}${show(value).padStart(10)} ${unit}${target === undefined ? '' : `  (< ${target})`}`);
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ network: [tenth, full], judgement }, undefined, 2)}\n`);

function show(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
