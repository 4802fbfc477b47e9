// The table of docs/taxonomy.md: the default taxonomy.
import { defaultFile } from '../src/config/defaults.ts';
import { table } from './table.ts';

interface DefaultKey {
  readonly values?: readonly string[];
  readonly patternText?: string;
  readonly agrees: boolean;
}

export function renderTaxonomy(): string {
  const keys = Object.entries<DefaultKey>(defaultFile.taxonomy);
  const required = Object.entries<readonly string[]>(defaultFile.required);
  const rows = keys.map(([key, { values, patternText = '', agrees }]) => [
    `\`${key}\``,
    values?.map((value) => `\`${value}\``).join(', ') ?? patternText,
    required.flatMap(([kind, list]) => (list.includes(key) ? [kind] : [])).join(', ') || 'nothing',
    agrees ? 'yes' : 'no',
  ]);
  return [
    table(['key', 'values', 'required of', 'agrees with the namespace'], rows),
    'A Deployment, a CronJob and every other workload is judged by its pod template, as a Pod is. A key that *agrees* must have the value of the namespace on each object in it.',
  ].join('\n\n');
}
