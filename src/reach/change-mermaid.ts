import { formatPorts } from '../network/port-set.ts';
import type { Change, ChangeEnd } from './change.ts';
import { headline, sentencesOf } from './change-markdown.ts';
import type { Note } from './note.ts';
import { shorten } from './table.ts';

/**
 * The limits of Mermaid, which GitHub and GitLab keep: maxEdges and maxTextSize of its
 * configuration.
 */
const edgeLimit = 500;
const textLimit = 50_000;
/** A longer text would be cut by the reader's screen. */
const labelLimit = 120;

/**
 * Changes as a flowchart of Mermaid: forbidden flows are thick and red, opened ones solid, closed
 * ones dashed, and those without a verdict have a question mark. Ends of one namespace stand
 * together. What is beyond Mermaid's limits is left out, the forbidden ones last, and counted.
 * Notes, asked for after the changes, are comments.
 */
export function changesMermaid(changes: Iterable<Change>, notes: () => readonly Note[]): string {
  const counts = { opened: 0, undefined: 0, closed: 0 };
  const kept: Record<Rank, Change[]> = { forbidden: [], opened: [], undefined: [], closed: [] };
  for (const change of changes) {
    counts[change.kind] += 1;
    const rank = change.forbidden === undefined ? change.kind : 'forbidden';
    if (kept[rank].length < edgeLimit) kept[rank].push(change);
  }
  const all = counts.opened + counts.closed + counts.undefined;
  const title = headline({ counts });
  const comments = sentencesOf(notes())
    .map((text) => `%% note: ${escapeLabel(text, text.length)}\n`)
    .join('');
  let shown = ranks.flatMap((rank) => kept[rank].map((change) => ({ rank, change }))).slice(0, edgeLimit);
  for (;;) {
    const text = drawChart(title, shown, all - shown.length) + comments;
    if (text.length <= textLimit) return text;
    shown = shown.slice(0, Math.floor(shown.length * Math.min(0.9, textLimit / text.length)));
  }
}

type Rank = 'forbidden' | Change['kind'];

/** The order in which changes are drawn, as far as there is room. */
const ranks: readonly Rank[] = ['forbidden', 'opened', 'undefined', 'closed'];

interface Edge {
  readonly rank: Rank;
  readonly change: Change;
}

function drawChart(title: string, edges: readonly Edge[], left: number): string {
  const nodes = new Map<
    string,
    { readonly id: string; readonly namespace: string | undefined; readonly text: string }
  >();
  const idOf = ({ namespace, names }: ChangeEnd): string => {
    const key = names.join('\n');
    const node = nodes.get(key) ?? { id: `n${nodes.size}`, namespace, text: shorten(names) };
    nodes.set(key, node);
    return node.id;
  };
  const arrows = edges.map(({ rank, change: { from, to, ports } }) => {
    const [line, mark] = styles[rank];
    return `  ${idOf(from)} ${line}|"${escapeLabel(mark + formatPorts(ports))}"| ${idOf(to)}`;
  });
  const red = edges.flatMap(({ rank }, index) => (rank === 'forbidden' ? [index] : []));
  const groups = [...Map.groupBy(nodes.values(), ({ namespace }) => namespace)];
  const drawn = groups.flatMap(([namespace, own], index) => {
    const lines = own.map(({ id, text }) => `    ${id}["${escapeLabel(text)}"]`);
    if (namespace === undefined) return lines;
    return [`  subgraph s${index}["${escapeLabel(namespace)}"]`, ...lines, '  end'];
  });
  return [
    ...['---', `title: "${title}"`, '---', 'flowchart LR'],
    ...(edges.length === 0 ? ['  none["nothing to draw"]'] : [...drawn, ...arrows]),
    ...(red.length === 0 ? [] : [`  linkStyle ${red.join(',')} stroke:#d1242f,stroke-width:3px`]),
    ...(left === 0
      ? []
      : [`  left["${escapeLabel(`${left} more flows are left out; ringfence diff -o text shows them`)}"]`]),
    '',
  ].join('\n');
}

/** The line of each kind, and the text before its ports. */
const styles: Readonly<Record<Rank, readonly [line: string, mark: string]>> = {
  forbidden: ['==>', 'FORBIDDEN '],
  opened: ['-->', ''],
  undefined: ['-->', '? '],
  closed: ['-.->', 'closed '],
};

/**
 * Text in quotes that Mermaid shows as it is: every other character is an entity by its number, as
 * Mermaid writes them (`#35;`).
 */
function escapeLabel(text: string, limit = labelLimit): string {
  const short = text.length <= limit ? text : `${text.slice(0, limit)}…`;
  return short.replaceAll(/[^A-Za-z0-9 ./:,()_?…-]/gu, (char) => `#${char.codePointAt(0)};`);
}
