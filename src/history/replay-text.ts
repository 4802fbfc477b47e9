import { agree } from '../wording/number.ts';
import type { Reading } from './read.ts';
import { type Causes, type Direction, directions, type Replay } from './replay.ts';
import type { CauseCount, Named } from './tally.ts';

const headings: Readonly<Record<Direction, string>> = {
  refused: 'would be refused, and were not',
  admitted: 'would be admitted, and were refused',
  warned: 'would be warned about, and were not',
  silent: 'would pass without a warning, and had one',
};

/** A replay for people: what changes, by cause, and what is not decided. `top` causes are shown. */
export function formatReplay(replay: Replay, top: number): string {
  const { reading, changes, undecided, unchanged, holes } = replay;
  const shown = directions.filter((direction) => changes[direction].lines > 0);
  const lines = [
    sayReading(reading, replay.dryRuns),
    ...shown.flatMap((direction) => ['', ...formatCauses(headings[direction], changes[direction], top)]),
    ...(undecided.lines === 0 ? [] : ['', ...formatCauses('not decided', undecided, top)]),
    '',
    ...holes.map((hole) => `NOT KNOWN  ${hole}`),
    `${[
      ...directions.map((direction) => `${number(changes[direction].lines)} ${short[direction]}`),
      `${number(undecided.lines)} not decided`,
      `${number(unchanged)} as before`,
    ].join(', ')}.`,
  ];
  return `${lines.join('\n')}\n`;
}

const short: Readonly<Record<Direction, string>> = {
  refused: 'newly refused',
  admitted: 'no longer refused',
  warned: 'newly warned about',
  silent: 'no longer warned about',
};

/** `1,204 audit lines from A to B; 340 other lines skipped`. */
export function sayReading({ audits, others, window }: Reading, dryRuns: number): string {
  return [
    `${number(audits)} audit ${agree(audits, 'line')}${window === undefined ? '' : ` from ${window.first} to ${window.last}`}`,
    ...(dryRuns === 0 ? [] : [`${number(dryRuns)} of them ${agree(dryRuns, 'a dry run', 'dry runs')}, left out`]),
    ...(others === 0 ? [] : [`${number(others)} other ${agree(others, 'line')} of the log skipped`]),
  ].join('; ');
}

/** A heading with a count, and its most frequent causes. */
export function formatCauses(heading: string, { lines, causes, more }: Causes, top: number): readonly string[] {
  const left = causes.slice(top);
  return [
    `${heading}: ${number(lines)}`,
    ...causes.slice(0, top).flatMap(formatCause),
    ...(left.length === 0 ? [] : [`  and ${number(left.length)} more causes: -o json has them`]),
    ...(more === 0 ? [] : [`  and ${number(more)} lines of further causes, which are not told apart`]),
  ];
}

function formatCause(cause: CauseCount): readonly string[] {
  const { check, subject, found, reason, remedy, lines, first, last, users, namespaces, kinds, examples } = cause;
  const place = check === undefined ? '' : `${subject}${found === undefined ? '' : `=${found}`}  `;
  const [example] = examples;
  const indent = ' '.repeat(11);
  const at =
    example === undefined
      ? ''
      : `${example.operation} of ${example.kind} ${[example.namespace, example.name].filter((part) => part !== '').join('/')} by ${example.user} at ${example.time}`;
  return [
    `${number(lines).padStart(9)}  ${place}${reason.replace(/^not decided: /, '')}${check === undefined ? '' : `  [${check}]`}`,
    `${indent}${first === last ? first : `${first} to ${last}`}`,
    `${indent}by ${list(users)}; in ${list(namespaces)}; ${list(kinds)}`,
    `${indent}e.g. ${at}`,
    ...(remedy === '' ? [] : [`${indent}do: ${remedy}`]),
  ];
}

/** `ci (800), jane (12) and 3 more`. */
function list(names: readonly Named[]): string {
  const shown = names.slice(0, 3).map(({ name, lines }) => `${name === '' ? '(none)' : name} (${number(lines)})`);
  return names.length > 3 ? `${shown.join(', ')} and ${number(names.length - 3)} more` : shown.join(', ');
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
