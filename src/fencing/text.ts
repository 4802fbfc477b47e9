import type { Action, Intent, Step } from './ports.ts';
import type { Report } from './report.ts';

/** The word for each action when it is planned, and when it is done. */
const words: Readonly<Record<Action, readonly [string, string]>> = {
  mark: ['mark', 'marked'],
  confirm: ['confirm', 'confirmed'],
  stage: ['stage', 'staged'],
  make: ['make', 'true'],
  replace: ['replace', 'replaced'],
  correct: ['correct', 'corrected'],
  unmark: ['unmark', 'unmarked'],
  delete: ['delete', 'deleted'],
  release: ['release', 'released'],
  leave: ['leave', 'stays'],
};

/** At most this many lines show the same action on one kind. The JSON lists all of them. */
const linesAtMost = 20;

/** Formats what is about to be done, for a person to confirm. */
export function formatIntent({ title, steps, cautions }: Intent): string {
  return [`To ${title}:`, ...table(steps, 0), ...cautions].join('\n');
}

/** Formats the steps that were done, or that a dry run would do. */
export function formatSteps({ steps, dryRun }: Report): string {
  if (steps.length === 0) return '';
  return [...(dryRun ? ['dry run, nothing was written; to be done:'] : []), ...table(steps, dryRun ? 0 : 1), ''].join(
    '\n',
  );
}

function table(steps: readonly Step[], tense: 0 | 1): string[] {
  const width = steps.reduce((most, { action }) => Math.max(most, words[action][tense].length), 0);
  // The order is kept, so only adjacent steps are shortened together.
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
