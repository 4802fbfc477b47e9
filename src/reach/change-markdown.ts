import { formatPorts } from '../network/port-set.ts';
import { codeSpan, escapeMarkdown, fitLines, lengthOf, markdownLimit, markdownTable } from '../report/markdown.ts';
import type { Change } from './change.ts';
import { type ChangeRow, type ChangeTable, tabulateChanges } from './change-table.ts';
import type { Note } from './note.ts';

/**
 * The largest length of a cell. A name has up to 253 characters, and a cell up to three of them.
 */
const cellLimit = 800;
/** How many notes are shown. A reviewer reads no more, and standard error has all of them. */
const notesShown = 20;
/** The room for the sentence that counts what is left out. */
const leftOutRoom = 200;

/**
 * Changes as Markdown for the reviewer of a pull request: how many flows the change opens and
 * closes, then tables, what the rules forbid first. What does not fit into a comment is left out
 * and counted. `notes` are those of both worlds, asked for after the changes.
 */
export function changesMarkdown(changes: Iterable<Change>, notes: () => readonly Note[]): string {
  const table = tabulateChanges(changes);
  const sections = sectionsOf(table.rows).filter(({ rows }) => rows.length > 0);
  const head = [`### ${headline(table)}`, ...sayForbidden(sections)];
  const said = noteLines(notes());
  const legend = legendLines(table, markdownLimit / 4);
  let room = markdownLimit - lengthOf([...head, ...said, ...legend]) - leftOutRoom;
  const left = { all: 0, forbidden: 0 };
  const body = sections.flatMap(({ title, heads, rows, isForbidden }) => {
    const frame = ['', `#### ${title}`, ''];
    const lines = markdownTable(heads, rows);
    // The head of a table has two lines.
    const fitting = fitLines(lines, room - lengthOf(frame));
    const shown = Math.max(0, fitting.length - 2);
    left.all += rows.length - shown;
    if (isForbidden) left.forbidden += rows.length - shown;
    if (shown === 0) return [];
    room -= lengthOf([...frame, ...fitting]);
    return [...frame, ...fitting];
  });
  return `${[...head, ...body, ...sayLeftOut(left), ...said, ...legend].join('\n')}\n`;
}

/** `Opens 2 flows, closes 1, 1 without a verdict now`. */
export function headline({ counts }: Pick<ChangeTable, 'counts'>): string {
  const { opened, closed, undefined: doubt } = counts;
  if (opened + closed + doubt === 0) return 'Opens and closes nothing: the same flows are open';
  return [`Opens ${opened}, closes ${closed}`, ...(doubt === 0 ? [] : [`${doubt} without a verdict now`])].join(', ');
}

interface Section {
  readonly title: string;
  readonly isForbidden: boolean;
  readonly heads: readonly string[];
  /** Cells in Markdown. */
  readonly rows: readonly (readonly string[])[];
}

function sectionsOf(rows: readonly ChangeRow[]): readonly Section[] {
  const cells = ({ change, from, to }: ChangeRow) => [from, to, formatPorts(change.ports)].map(cellOf);
  const of = (kind: Change['kind']) =>
    rows.filter(({ change }) => change.kind === kind && change.forbidden === undefined).map(cells);
  const heads = ['from', 'to', 'ports'];
  return [
    {
      title: '⛔ Opened, and forbidden by the rules',
      isForbidden: true,
      heads: [...heads, 'rule'],
      rows: rows.flatMap((row) => {
        const { forbidden } = row.change;
        return forbidden === undefined ? [] : [[...cells(row), cellOf(forbidden.reason)]];
      }),
    },
    { title: 'Opened', isForbidden: false, heads, rows: of('opened') },
    { title: 'Without a verdict now', isForbidden: false, heads, rows: of('undefined') },
    { title: 'Closed', isForbidden: false, heads, rows: of('closed') },
  ];
}

function cellOf(text: string): string {
  return codeSpan(text.length <= cellLimit ? text : `${text.slice(0, cellLimit)}…`);
}

function sayForbidden(sections: readonly Section[]): readonly string[] {
  const count = sections.filter(({ isForbidden }) => isForbidden).reduce((sum, { rows }) => sum + rows.length, 0);
  if (count === 0) return [];
  return ['', `**The rules forbid what ${count === 1 ? 'the first line opens' : `the first ${count} lines open`}.**`];
}

function sayLeftOut({ all, forbidden }: { readonly all: number; readonly forbidden: number }): readonly string[] {
  if (all === 0) return [];
  const grave = forbidden === 0 ? '' : `, ${forbidden} of them forbidden`;
  return ['', `**${all} more lines are left out${grave}.** \`ringfence diff\` without \`-o md\` shows all of them.`];
}

function noteLines(notes: readonly Note[]): readonly string[] {
  const messages = sentencesOf(notes);
  if (messages.length === 0) return [];
  return ['', '#### Notes', '', ...messages.map((text) => `- ${escapeMarkdown(text)}`)];
}

/** Each note once, what was overlooked first, and how many more there are. */
export function sentencesOf(notes: readonly Note[]): readonly string[] {
  const overlooked = notes.toSorted((a, b) => Number(b.overlooked) - Number(a.overlooked));
  const messages = [
    ...new Set(overlooked.map(({ message, overlooked: is }) => (is ? `overlooked: ${message}` : message))),
  ];
  const rest = messages.length - notesShown;
  return [
    ...messages.slice(0, notesShown).map((text) => text.slice(0, cellLimit)),
    ...(rest > 0 ? [`and ${rest} more, on standard error`] : []),
  ];
}

function legendLines({ legend }: ChangeTable, room: number): readonly string[] {
  const items = legend
    .format()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `- ${codeSpan(line)}`);
  if (items.length === 0) return [];
  const shown = fitLines(items, room);
  const rest = items.length - shown.length;
  const more = rest === 0 ? [] : [`- and ${rest} more lists, which \`ringfence diff\` without \`-o md\` shows`];
  return ['', '<details><summary>Names in full</summary>', '', ...shown, ...more, '', '</details>'];
}
