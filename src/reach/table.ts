/** Short texts for long lists of names in a table, and the lists in full below the table. */
export interface Legend {
  /** All names, or the first few with the number of a list below the table. */
  cell(names: readonly string[]): string;
  /** A text that stands for a list of names. */
  explain(text: string, names: readonly string[]): void;
  /** The lists, a line each. Empty if no list was shortened. */
  format(): string;
}

export function createLegend(): Legend {
  const numbers = new Map<string, number>();
  const lines = new Map<string, readonly string[]>();
  return {
    cell(names) {
      if (names.length <= namesShown) return names.join(', ');
      const key = names.join('\n');
      const number = numbers.get(key) ?? numbers.size + 1;
      numbers.set(key, number);
      lines.set(`[${number}]`, names);
      return `${shorten(names)} [${number}]`;
    },
    explain: (text, names) => void lines.set(text, names),
    format() {
      if (lines.size === 0) return '';
      return `\n${[...lines].map(([text, names]) => `${text}: ${names.join(', ')}\n`).join('')}`;
    },
  };
}

/** The first names, and how many more there are. */
export function shorten(names: readonly string[]): string {
  const rest = names.length - namesShown;
  return names.slice(0, namesShown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** A reader takes in no more names than this on one line. */
const namesShown = 3;

/**
 * Rows as columns. Each column is as wide as its widest cell, up to a limit. The last column is not
 * padded.
 */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = new Array<number>(columns).fill(0);
  for (const row of rows)
    for (let column = 0; column < columns; column += 1)
      widths[column] = Math.min(cellWidth, Math.max(widths[column] ?? 0, row[column]?.length ?? 0));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => (column === columns - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** A wide terminal shows two such columns and the ports. A longer cell shifts only its own row. */
const cellWidth = 56;
