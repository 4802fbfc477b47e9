import { expect, it } from 'vitest';
import { readWarnings } from '../../src/cluster/connection.ts';

it.each<[string, string | readonly string[] | undefined, readonly string[]]>([
  ['no header', undefined, []],
  ['one', '299 - "Namespace shop: team missing"', ['Namespace shop: team missing']],
  ['several', ['299 - "a"', '299 kube "b"'], ['a', 'b']],
  ['several in one header', '299 - "a, b", 299 - "c"', ['a, b', 'c']],
  ['quotes and backslashes', '299 - "say \\"no\\" \\\\o/"', ['say "no" \\o/']],
  ['another code', '110 - "stale"', []],
  ['no header of that form', 'nonsense', []],
])('reads %s', (_, header, texts) => {
  expect(readWarnings(header)).toEqual(texts);
});
