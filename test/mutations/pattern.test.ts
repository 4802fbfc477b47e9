import { expect, it } from 'vitest';
import { findPlaces, replaceAt } from './pattern.ts';

const code = `
function isIn(range: Range, port: number): boolean {
  // The range includes its end.
  return range.first <= port && port <= range.last; // see endPort
}
const names = ["a's", 'b',];
call(one, /* and */ "two");
`;

it.each<[string, string, number]>([
  ['as it stands', 'port <= range.last', 1],
  ['in other lines', 'range.first\n  <= port\n && port', 1],
  ['with other quotes', `call(one, 'two')`, 1],
  ['with a trailing comma', `["a's", "b"]`, 1],
  ['without a comment', 'boolean { return range.first', 1],
  ['by a name for any identifier', 'return $R.first <= $P && $P <= $R.last', 1],
  ['not where a name stands for two identifiers', '$R.first <= $R', 0],
  ['not as part of a word', 'ort <= range', 0],
  ['not where a string is an identifier', 'call(one, two)', 0],
  ['in more than one place', 'port', 3],
  ['nowhere, if there is nothing to find', ' ', 0],
])('code is found %s', (_, pattern, places) => {
  expect(findPlaces(code, pattern)).toHaveLength(places);
});

it('what is found is replaced, and its names stay', () => {
  const [place] = findPlaces(code, '$P <= $R.last');
  expect(place && replaceAt(code, place, '$P < $R.last')).toBe(code.replace('port <= range.last', 'port < range.last'));
});
