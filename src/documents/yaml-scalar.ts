// What a scalar of YAML means to kubectl: the rules of its decoder, go-yaml v2 (`resolve.go`). They
// have the booleans of YAML 1.1, but no timestamps and no numbers in base 60, which stay text.

/** The text of a scalar, and how it was written. */
export interface Scalar {
  readonly text: string;
  /** Whether it has neither quotes nor the form of a block. */
  readonly plain: boolean;
  /** The full name (`tag:yaml.org,2002:str`), or `!`. Empty if it has none. */
  readonly tag: string;
}

/** Throws an Error with a clause for people if the tag forbids the text. */
export function resolveScalar({ text, plain, tag }: Scalar): unknown {
  if (tag === '' && !plain) return text;
  const type = tag === '' ? '' : tag.startsWith(yamlTag) ? tag.slice(yamlTag.length) : undefined;
  if (type === 'binary') return readBinary(text);
  if (type === undefined || type === 'str' || !resolved.has(type)) return text;
  const value = resolvePlain(text);
  if (type === '' || type === typeOf(value)) return value;
  if (type === 'float' && typeof value === 'number') return value;
  if (type === 'timestamp' && /^\d{4}-\d/.test(text)) return text;
  throw new Error(`${JSON.stringify(text)} is not of the type !!${type}`);
}

/** Whether a key merges the mapping that follows it. */
export function isMergeKey({ text, plain, tag }: Scalar): boolean {
  return text === '<<' && ((plain && tag === '') || tag === '!' || tag === `${yamlTag}merge`);
}

const yamlTag = 'tag:yaml.org,2002:';

/** The types whose texts are resolved. A text of any other type stays text. */
const resolved = new Set(['', 'bool', 'int', 'float', 'null', 'timestamp']);

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return 'str';
}

const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

function resolvePlain(text: string): unknown {
  const first = text.charCodeAt(0);
  // Most texts begin with a letter that begins neither a number nor one of the words.
  if (text !== '' && !/[-+.0-9yYnNtTfFoO~]/.test(String.fromCharCode(first))) return text;
  if (words.has(text)) return words.get(text);
  if (text.startsWith('.')) return /^\.\d+([eE][-+]?\d+)?$/.test(text) ? Number(text) : text;
  if (!/^[-+\d]/.test(text)) return text;
  const digits = text.replaceAll('_', '');
  const integer = readInteger(digits);
  if (integer !== undefined) return integer;
  if (!/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(digits)) return text;
  const number = Number(digits);
  return Number.isFinite(number) ? number : text;
}

/** Undefined if the text is no integer, or one that 64 bits do not hold. */
function readInteger(digits: string): number | undefined {
  const match = /^([-+]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/.exec(digits);
  if (match === null) return undefined;
  const [, sign = '', magnitude = ''] = match;
  const octal = /^0[oO]?(?=[0-7])/.exec(magnitude);
  const value = BigInt(octal === null ? magnitude : `0o${magnitude.slice(octal[0].length)}`);
  const limit = sign === '' ? 2n ** 64n - 1n : sign === '-' ? 2n ** 63n : 2n ** 63n - 1n;
  if (value > limit) return undefined;
  return Number(sign === '-' ? -value : value);
}

function readBinary(text: string): string {
  const base64 = text.replace(/[\r\n]/g, '');
  if (!/^([\w+/]{4})*([\w+/]{2}==|[\w+/]{3}=)?$/.test(base64) || base64.includes('_'))
    throw new Error('!!binary is not base64');
  return Buffer.from(base64, 'base64').toString('utf8');
}
