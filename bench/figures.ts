// Figures as the benchmark prints them, keeps them and compares them.

/** One figure: what was measured, and what it should stay under where there is a target. */
export interface Figure {
  readonly label: string;
  readonly value: number;
  /** `µs`, `ms`, `s`, `MB`, `× floor`, or what is counted. */
  readonly unit: string;
  readonly target?: number;
}

/** A line for each figure; the target beside it, and whether it is met. */
export function showFigures(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ label }) => label.length));
  return figures
    .map(({ label, value, unit, target }) => {
      const goal = target === undefined ? '' : `  (${value <= target ? 'within' : 'above'} ${target})`;
      return `${label.padEnd(width)}  ${show(value).padStart(9)} ${unit}${goal}`;
    })
    .join('\n');
}

/** What changed between two runs, figure by figure; what only one of them has is said. Runs on another machine compare by ratios alone. */
export function compareFigures(before: readonly Figure[], after: readonly Figure[]): string {
  const known = new Map(before.map((figure) => [figure.label, figure]));
  const width = Math.max(...after.map(({ label }) => label.length));
  const lines = after.map(({ label, value, unit }) => {
    const old = known.get(label);
    if (old === undefined) return `${label.padEnd(width)}  new: ${show(value)} ${unit}`;
    const change = old.value === 0 ? '' : `  ${((value / old.value - 1) * 100).toFixed(0)} %`;
    return `${label.padEnd(width)}  ${show(old.value)} -> ${show(value)} ${unit}${change}`;
  });
  const gone = before.filter(({ label }) => !after.some((figure) => figure.label === label));
  return [...lines, ...gone.map(({ label }) => `${label.padEnd(width)}  not measured now`)].join('\n');
}

function show(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
