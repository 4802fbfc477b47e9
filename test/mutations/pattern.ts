// Finds a piece of code by its tokens. White space, comments, line breaks, quotes and trailing
// commas do not matter. `$NAME` in a pattern stands for one identifier, the same in every place.

interface Token {
  /** The text for the comparison. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** A place where a pattern matches, with the values of its `$NAME`s. */
export interface Place {
  readonly from: number;
  readonly to: number;
  readonly names: ReadonlyMap<string, string>;
}

const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//;
const string = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/;
const lexeme = new RegExp(`(${comment.source})|${string.source}|\\$?[\\w$]+|[^\\s\\w]`, 'g');

/** Returns every place in the code that the pattern matches. */
export function findPlaces(code: string, pattern: string): readonly Place[] {
  const [tokens, wanted] = [readTokens(code), readTokens(pattern)];
  if (wanted.length === 0) return [];
  return tokens.flatMap((_, index) => matchAt(tokens, index, wanted) ?? []);
}

/**
 * Returns the code with the match replaced. The replacement may use the `$NAME`s of the pattern.
 */
export function replaceAt(code: string, { from, to, names }: Place, replacement: string): string {
  const text = replacement.replace(/\$[A-Z]+/g, (name) => names.get(name) ?? name);
  return code.slice(0, from) + text + code.slice(to);
}

function matchAt(tokens: readonly Token[], index: number, wanted: readonly Token[]): Place | undefined {
  const names = new Map<string, string>();
  for (const [offset, { text }] of wanted.entries()) {
    const found = tokens[index + offset]?.text;
    if (found === undefined) return undefined;
    if (/^\$[A-Z]+$/.test(text) && /^[\w$]+$/.test(found)) {
      if ((names.get(text) ?? found) !== found) return undefined;
      names.set(text, found);
    } else if (text !== found) return undefined;
  }
  const [first, last] = [tokens[index], tokens[index + wanted.length - 1]];
  return first && last && { from: first.from, to: last.to, names };
}

function readTokens(code: string): readonly Token[] {
  const tokens = [...code.matchAll(lexeme)]
    .filter(([, isComment]) => isComment === undefined)
    .map(({ 0: text, index }) => ({ text: unquoted(text), from: index, to: index + text.length }));
  return tokens.filter(({ text }, index) => text !== ',' || !/^[)\]}]$/.test(tokens[index + 1]?.text ?? ''));
}

/**
 * Returns the content of a string, whatever its quotes. The mark distinguishes it from an
 * identifier.
 */
function unquoted(text: string): string {
  return /^['"]/.test(text) && text.length > 1 ? `'${text.slice(1, -1).replaceAll(/\\(['"])/g, '$1')}` : text;
}
