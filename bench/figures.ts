// Figures in the form in which the benchmark prints and compares them.
import { table } from '../scripts/table.ts';

/** One figure: the measured value, and its upper limit if there is a target. */
export interface Figure {
  /**
   * The case in which it was measured, if several cases have the same figures. It is the row of a
   * table.
   */
  readonly of?: string;
  readonly label: string;
  readonly value: number;
  /** `µs`, `ms`, `s`, `MB`, `× floor`, or the counted thing. */
  readonly unit: string;
  readonly target?: number;
}

/** One line for each figure, with the target and whether it is met. */
export function showFigures(figures: readonly Figure[]): string {
  const width = widthOf(figures);
  return figures
    .map((figure) => {
      const { value, unit, target } = figure;
      const goal = target === undefined ? '' : `  (${isMet(figure) ? 'within' : 'above'} ${target})`;
      return `${nameOf(figure).padEnd(width)}  ${show(value).padStart(9)} ${unit}${goal}`;
    })
    .join('\n');
}

/**
 * The changes between two runs, figure by figure, with the figures that only one of them has. Runs
 * on different machines can only be compared by ratios.
 */
export function compareFigures(before: readonly Figure[], after: readonly Figure[]): string {
  const known = new Map(before.map((figure) => [nameOf(figure), figure]));
  const width = widthOf(after);
  const lines = after.map((figure) => {
    const { value, unit } = figure;
    const old = known.get(nameOf(figure));
    const name = nameOf(figure).padEnd(width);
    if (old === undefined) return `${name}  new: ${show(value)} ${unit}`;
    const change = old.value === 0 ? '' : `  ${((value / old.value - 1) * 100).toFixed(0)} %`;
    return `${name}  ${show(old.value)} -> ${show(value)} ${unit}${change}`;
  });
  const measured = new Set(after.map(nameOf));
  const gone = before.filter((figure) => !measured.has(nameOf(figure)));
  return [...lines, ...gone.map((figure) => `${nameOf(figure).padEnd(width)}  not measured now`)].join('\n');
}

/**
 * Markdown: a table of the cases with their figures as columns, and a table of the other figures. A
 * goal is shown next to its figure.
 */
export function renderFigures(figures: readonly Figure[]): string {
  const alone = figures.filter(({ of }) => of === undefined);
  const groups = Map.groupBy(
    figures.filter(({ of }) => of !== undefined),
    ({ of = '' }) => of,
  );
  const columns = [...new Set([...groups.values()].flatMap((group) => group.map(columnOf)))];
  const rows = [...groups].map(([of, group]) => [
    of,
    ...columns.map((column) => {
      const figure = group.find((one) => columnOf(one) === column);
      return figure === undefined ? '' : `${show(figure.value)}${goalOf(figure)}`;
    }),
  ]);
  const tables = [
    ...(rows.length === 0 ? [] : [table(['', ...columns], rows)]),
    ...(alone.length === 0
      ? []
      : [
          table(
            ['', 'measured', 'goal'],
            alone.map((figure) => [figure.label, `${show(figure.value)} ${figure.unit}`, verdictOf(figure)]),
          ),
        ]),
  ];
  return tables.join('\n\n');
}

function columnOf({ label, unit }: Figure): string {
  return `${label} (${unit})`;
}

function goalOf(figure: Figure): string {
  return figure.target === undefined ? '' : ` (goal ${verdictOf(figure)})`;
}

function verdictOf(figure: Figure): string {
  if (figure.target === undefined) return '';
  return `${figure.target}: ${isMet(figure) ? 'met' : '**not met**'}`;
}

function isMet({ value, target = Number.POSITIVE_INFINITY }: Figure): boolean {
  return value <= target;
}

function nameOf({ of, label }: Figure): string {
  return of === undefined ? label : `${of}: ${label}`;
}

function widthOf(figures: readonly Figure[]): number {
  return Math.max(...figures.map((figure) => nameOf(figure).length));
}

export function show(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
