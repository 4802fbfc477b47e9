// Command lines of the documentation, read as a shell reads them, as far as the pages need it.

/** One program with its arguments. Redirections are left out. */
export interface SimpleCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** What a person types before Enter: programs joined by `|`, `&&` or `;`. */
export interface Statement {
  readonly text: string;
  /** Counted from one, in the block. */
  readonly line: number;
  readonly commands: readonly SimpleCommand[];
}

/**
 * Splits the text of a block into statements. In a session, only lines after `$ ` are typed; the
 * others are output.
 */
export function readStatements(text: string, isSession: boolean): readonly Statement[] {
  const lines = text.split('\n');
  const statements: Statement[] = [];
  for (let index = 0; index < lines.length; index++) {
    const start = index;
    let typed = lines[index] ?? '';
    if (isSession && !typed.startsWith('$ ')) continue;
    if (isSession) typed = typed.slice(2);
    while (index + 1 < lines.length && (/[\\|]$/.test(typed.trimEnd()) || hasOpenQuote(typed))) {
      index += 1;
      typed += `\n${lines[index] ?? ''}`;
    }
    const commands = readCommands(typed);
    if (commands.length > 0) statements.push({ text: typed.trim(), line: start + 1, commands });
  }
  return statements;
}

function hasOpenQuote(text: string): boolean {
  return (text.replaceAll(/\\.|"[^"]*"/gs, '').match(/'/g)?.length ?? 0) % 2 === 1;
}

/** A piece of a line: an operator, a word, a comment, or blanks and continued lines. */
const piece =
  /(?<blank>(?:\s|\\\n)+)|(?<comment>#[^\n]*)|(?<redirect>\d?(?:>>|>|<)(?:&\d)?)|(?<operator>\|\||&&|[|;&])|(?<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\|;&<>])+)/gsy;

/** The programs of one statement, with the quotes of their words removed. */
function readCommands(text: string): readonly SimpleCommand[] {
  const commands: string[][] = [[]];
  let isTarget = false;
  for (const { groups = {} } of text.matchAll(piece)) {
    const { redirect, operator, word } = groups;
    if (operator !== undefined) commands.push([]);
    else if (redirect !== undefined) isTarget = !redirect.includes('&');
    else if (word !== undefined) {
      if (!isTarget) commands.at(-1)?.push(unquote(word));
      isTarget = false;
    }
  }
  return commands.flatMap(([program, ...args]) => (program === undefined ? [] : [{ program, args }]));
}

function unquote(word: string): string {
  return word.replaceAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs, (_, single, double, escaped) =>
    String(single ?? (double as string | undefined)?.replaceAll(/\\(["\\$])/g, '$1') ?? escaped),
  );
}
