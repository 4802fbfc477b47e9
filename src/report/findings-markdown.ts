import { formatDocumentProblem } from '../documents/document.ts';
import { foldLines } from './lines.ts';
import { codeSpan, escapeMarkdown, fitLines, lengthOf, markdownLimit, markdownTable } from './markdown.ts';
import { messageOf, type Report, type Severity, severityOf, titleOf } from './report.ts';
import { summarize } from './text.ts';

/**
 * Findings as Markdown, for a comment or the summary of a pipeline: the counts first, then what
 * cannot be read, the findings with the gravest first, and the notes. What does not fit into a
 * comment is left out and counted.
 */
export function reportMarkdown(report: Report): string {
  const { objects, problems, notes } = report;
  const rows = [...foldLines(objects)]
    .flatMap(([object, said]) =>
      said.map((told) => {
        const [finding] = told.findings;
        const { file } = object.document;
        const severity = severityOf(finding);
        const place = `${file}:${finding.line}:${finding.column}`;
        return {
          severity,
          cells: [words[severity], ...[titleOf(object), messageOf(told), told.checks.join(' '), place].map(cellOf)],
        };
      }),
    )
    .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
    .map(({ cells }) => cells);
  const head = [`### ringfence check`, '', escapeMarkdown(summarize(report))];
  const broken = listOf('Not read', problems.map(formatDocumentProblem));
  const said = listOf('Notes', notes);
  const table = markdownTable(['', 'object', 'finding', 'check', 'place'], rows);
  const room = markdownLimit - lengthOf([...head, ...broken, ...said]) - leftOutRoom;
  const shown = rows.length === 0 ? [] : fitLines(table, room);
  const left = rows.length === 0 ? 0 : table.length - shown.length;
  const more = left === 0 ? [] : ['', `**${left} more lines are left out.** \`-o text\` shows all of them.`];
  return `${[...head, ...broken, ...(shown.length === 0 ? [] : ['', ...shown]), ...more, ...said].join('\n')}\n`;
}

/** The room for the sentence that counts what is left out. */
const leftOutRoom = 200;
/** The largest length of a cell. */
const cellLimit = 800;

const words: Readonly<Record<Severity, string>> = {
  error: '⛔ refused',
  warning: '⚠️ warning',
  undecided: '❔ not decided',
  recorded: 'recorded',
};
const order = Object.keys(words);

function cellOf(text: string): string {
  return codeSpan(text.length <= cellLimit ? text : `${text.slice(0, cellLimit)}…`);
}

/** A list takes a quarter of the text at most. */
function listOf(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const lines = items.map((item) => `- ${escapeMarkdown(item.slice(0, cellLimit))}`);
  const shown = fitLines(lines, markdownLimit / 4);
  const rest = lines.length - shown.length;
  return ['', `#### ${title}`, '', ...shown, ...(rest === 0 ? [] : [`- and ${rest} more, on standard error`])];
}
