// `npm run bench [-- --only PART] [--json FILE] [--compare FILE]`: what the README and the documentation claim of speed and memory, measured.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { compareFigures, type Figure, showFigures } from './figures.ts';
import { benchJudgement } from './judge.ts';
import { benchNetwork } from './network.ts';
import { benchWebhook } from './webhook.ts';

const parts = {
  webhook: benchWebhook,
  network: benchNetwork,
  judgement: benchJudgement,
} as const satisfies Readonly<Record<string, (say: (text: string) => void) => Promise<readonly Figure[]>>>;

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'string' }, compare: { type: 'string' } },
});
const chosen = Object.entries(parts).filter(([name]) => values.only === undefined || values.only === name);
if (chosen.length === 0) {
  console.error(`bench: --only is one of ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}

console.log(`Node ${process.versions.node}, ${cpus().length} processors`);
const figures: Figure[] = [];
for (const [name, bench] of chosen) {
  const measured = await bench((text) => console.error(`${name}: ${text}`));
  console.log(`\n${name}\n${showFigures(measured)}`);
  figures.push(...measured);
}
if (values.compare !== undefined) {
  const before = JSON.parse(await readFile(values.compare, 'utf8')) as readonly Figure[];
  console.log(`\nagainst ${values.compare}\n${compareFigures(before, figures)}`);
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, undefined, 2)}\n`);
