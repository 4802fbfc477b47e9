import type { Action, Intent, Step } from './ports.ts';
import type { Report } from './report.ts';

/** Each action before it is done, and after. */
const words: Readonly<Record<Action, readonly [string, string]>> = {
  mark: ['mark', 'marked'],
  make: ['make', 'true'],
  unmark: ['unmark', 'unmarked'],
  delete: ['delete', 'deleted'],
  release: ['release', 'released'],
  leave: ['leave', 'stays'],
};

/** Of each action on a kind, this many lines; the JSON has them all. */
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
  const groups = new Map<string, string[]>();
  const width = Math.max(...steps.map(({ action }) => words[action][tense].length));
  for (const step of steps) {
    const place = step.namespace === undefined ? '' : `${step.namespace}/`;
    const detail = step.detail === undefined ? '' : `: ${step.detail}`;
    const line = `  ${words[step.action][tense].padEnd(width)}  ${step.kind} ${place}${step.name}${detail}`;
    const key = `${step.action} ${step.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.entries()].flatMap(([key, lines]) =>
    lines.length <= linesAtMost
      ? lines
      : [
          ...lines.slice(0, linesAtMost),
          `  ${' '.repeat(width)}  and ${lines.length - linesAtMost} more ${key.split(' ')[1]} objects`,
        ],
  );
}
