/**
 * The largest length of a text, in characters. A comment on GitHub has up to 65,536, and a pipeline
 * may add words of its own.
 */
export const markdownLimit = 60_000;

/** The first lines that fit into so many characters. */
export function fitLines(lines: readonly string[], room: number): readonly string[] {
  let left = room;
  const end = lines.findIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  return end === -1 ? lines : lines.slice(0, end);
}

/** How many characters lines take. */
export function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}

/** A table of GitHub's Markdown, a line each. The cells are Markdown. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [rowOf(heads), `|${' --- |'.repeat(heads.length)}`, ...rows.map(rowOf)];
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/**
 * Text that Markdown and HTML leave as it is (CommonMark, backslash escapes), on one line. A word
 * joiner, which nobody sees, keeps addresses from becoming links and names from being notified.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/[\\`*_{}[\]<>|#~&$]/g, String.raw`\$&`)
    .replaceAll(/@|:(?=\/\/)|\bwww(?=\.)/gi, `$&${wordJoiner}`);
}

const wordJoiner = '\u2060';

/**
 * A name as code, in which Markdown, links and mentions mean nothing. The fence is longer than any
 * run of backquotes in it. A pipe would end the cell of a table, and characters that nobody sees
 * could show another name, so these are written by number.
 */
export function codeSpan(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}|]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
  if (line.trim() === '') return '';
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}
