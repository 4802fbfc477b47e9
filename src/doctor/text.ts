import { countOf } from '../wording/number.ts';
import { countLines, type Line, type Status } from './line.ts';

/**
 * Lines for people: the four parts of what is wrong, undecided or worth knowing, one line each for
 * what is in order, and the counts.
 */
export function formatLines(lines: readonly Line[]): string {
  return [...lines.map(formatLine), '', summaryOf(lines), ''].join('\n');
}

const words: Readonly<Record<Status, string>> = {
  finding: 'FINDING',
  undecided: 'NOT DECIDED',
  note: 'note',
  clean: 'ok',
};

function formatLine({ examination, status, looked, found, means, remedy }: Line): string {
  const head = `${words[status]}  ${looked}  [${examination}]`;
  if (status === 'clean') return `${words.clean}  ${looked}: ${found}  [${examination}]`;
  const parts = [
    ['found', found.replace(/^not decided: /, '')],
    ['means', means],
    ['do', remedy],
  ].filter(([, text]) => text !== '');
  return [head, ...parts.map(([name, text]) => `  ${`${name}:`.padEnd(7)}${text}`)].join('\n');
}

/** `2 findings, 1 not decided, 3 notes, 12 in order`. */
export function summaryOf(lines: readonly Line[]): string {
  const { finding, undecided, note, clean } = countLines(lines);
  return `${countOf(finding, 'finding')}, ${undecided} not decided, ${countOf(note, 'note')}, ${clean} in order`;
}
