import type { Action, Intent, Step } from './ports.ts';
import type { Report } from './report.ts';

/** Each action before it is done, and after. */
const words: Readonly<Record<Action, readonly [string, string]>> = {
  mark: ['mark', 'marked'],
  make: ['make', 'true'],
  replace: ['replace', 'replaced'],
  correct: ['correct', 'corrected'],
  unmark: ['unmark', 'unmarked'],
  delete: ['delete', 'deleted'],
  release: ['release', 'released'],
  leave: ['leave', 'stays'],
};

/** Of the same done to objects of one kind, this many lines; the JSON has them all. */
const linesAtMost = 20;

/** What is about to be done, for a person to say yes to. */
export function formatIntent({ title, steps, cautions }: Intent): string {
  return [`To ${title}:`, ...table(steps, 0), ...cautions].join('\n');
}

/** What was done, or would be. */
export function formatSteps({ steps, dryRun }: Report): string {
  if (steps.length === 0) return '';
  return [...(dryRun ? ['dry run, nothing was written; to be done:'] : []), ...table(steps, dryRun ? 0 : 1), ''].join(
    '\n',
  );
}

function table(steps: readonly Step[], tense: 0 | 1): string[] {
  const width = Math.max(...steps.map(({ action }) => words[action][tense].length));
  // In their order: only what stands together is cut.
  const runs: { readonly kind: string; readonly action: Action; readonly lines: string[] }[] = [];
  for (const { action, kind, namespace, name, detail } of steps) {
    const place = namespace === undefined ? '' : `${namespace}/`;
    const more = detail === undefined ? '' : `: ${detail}`;
    const line = `  ${words[action][tense].padEnd(width)}  ${kind} ${place}${name}${more}`;
    const run = runs.at(-1);
    if (run?.kind === kind && run.action === action) run.lines.push(line);
    else runs.push({ kind, action, lines: [line] });
  }
  return runs.flatMap(({ kind, lines }) =>
    lines.length <= linesAtMost
      ? lines
      : [
          ...lines.slice(0, linesAtMost),
          `  ${' '.repeat(width)}  and ${lines.length - linesAtMost} more ${kind} objects`,
        ],
  );
}
