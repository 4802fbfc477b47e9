import { globSync } from 'node:fs';
import { parse } from 'yaml';
import { table } from './table.ts';

/** The parts of a file of `test/charts/` that the page shows. */
interface Chart {
  readonly chart: string;
  readonly makes: string;
  readonly refused: readonly string[];
  readonly needs: string;
}

/** Renders the table of charts and operators. Its rows are the data of `test/charts.test.ts`. */
export function renderCharts(read: (path: string) => string): string {
  const rows = globSync('test/charts/*.yaml', { cwd: new URL('../', import.meta.url).pathname })
    .map((path) => ({ path, ...(parse(read(path)) as Chart) }))
    .sort((a, b) => a.chart.localeCompare(b.chart, 'en'))
    .map(({ path, chart, makes, refused, needs }) => [
      `[${chart}](../${path})`,
      makes,
      refused.map((check) => `\`${check}\``).join(', '),
      needs,
    ]);
  return table(['chart or operator', 'makes', 'refused by', 'needs'], rows);
}
