import { describe, expect, it } from 'vitest';
import { findIncoherence } from '../../src/config/coherence.ts';
import { readDocument } from '../../src/config/document.ts';
import { formatProblem } from '../../src/documents/problem.ts';

const checkIds = ['host-network', 'label-values'];

describe('findIncoherence', () => {
  it.each<[string, string, readonly string[]]>([
    ['a key of its own with values', 'taxonomy: {zone: {values: [a, b]}}', []],
    ['a key of its own with a pattern', "taxonomy: {zone: {pattern: 'z[0-9]+'}}", []],
    ['a default key whose flag alone changes', 'taxonomy: {tier: {agrees: false}}', []],
    ['a default pattern in other words', 'taxonomy: {team: {patternText: a team name}}', []],
    ['a default key removed', 'taxonomy: {sensitivity: null}', []],
    ['a label called constructor', 'taxonomy: {constructor: {values: [a]}}', []],
    [
      'values and a pattern',
      "taxonomy: {zone: {values: [a], pattern: 'a('}}",
      [
        'f:1:12: taxonomy.zone: has both values and a pattern; keep one of them',
        'f:1:41: taxonomy.zone.pattern: missing closing ): `a(` (RE2 syntax: no lookaround, no backreferences)',
      ],
    ],
    [
      'neither',
      'taxonomy: {zone: {agrees: true}}',
      ['f:1:12: taxonomy.zone: has neither values nor a pattern, so nothing would be allowed'],
    ],
    [
      'a pattern that only a backtracking engine could run',
      "taxonomy: {zone: {pattern: '(a)\\1'}}",
      ['f:1:28: taxonomy.zone.pattern: invalid escape sequence: `\\1` (RE2 syntax: no lookaround, no backreferences)'],
    ],
    [
      'a pattern that the empty value matches',
      "taxonomy: {zone: {pattern: '[a-z]*'}}",
      ['f:1:28: taxonomy.zone.pattern: matches the empty value, so a label without a value would pass'],
    ],
    [
      'words for a pattern that is not there',
      'taxonomy: {env: {patternText: an environment}}',
      ['f:1:18: taxonomy.env.patternText: words for a pattern, but the key has values'],
    ],
    [
      'a suggestion outside the values',
      'taxonomy: {expose: {suggest: "no"}}',
      ['f:1:30: taxonomy.expose.suggest: "no" is not a value this key allows'],
    ],
    [
      'a suggestion that the pattern refuses',
      "taxonomy: {zone: {pattern: 'z[0-9]', suggest: z10}}",
      ['f:1:47: taxonomy.zone.suggest: "z10" is not a value this key allows'],
    ],
    [
      'a removal of what is not there',
      'taxonomy: {expos: null}',
      ['f:1:12: taxonomy.expos: there is no default key of this name to remove; did you mean "expose"?'],
    ],
    [
      "Ringfence's own label as identity",
      'taxonomy: {ringfence.dev/mode: {values: [a]}}',
      ['f:1:12: taxonomy["ringfence.dev/mode"]: cannot carry identity: Ringfence gives it a meaning of its own'],
    ],
    [
      "the API server's label as identity",
      'taxonomy: {kubernetes.io/metadata.name: {pattern: a}}',
      [
        'f:1:12: taxonomy["kubernetes.io/metadata.name"]: cannot carry identity: the API server sets it on every namespace',
      ],
    ],
    [
      'a required key that is removed',
      'taxonomy: {tier: null}\nrequired: {Pod: [env, tier]}',
      [
        'f:2:23: required.Pod[1]: "tier" is not a key of the taxonomy; known here: env, team, sensitivity, expose, internal',
      ],
    ],
    ['a required key that is added', 'taxonomy: {zone: {values: [a]}}\nrequired: {Pod: [zone]}', []],
    [
      'a check that does not exist',
      'checks: {host-netwrok: warn}',
      ['f:1:10: checks.host-netwrok: there is no such check; did you mean "host-network"?'],
    ],
    ['data of the wrong shape', 'taxonomy: [a]\nrequired: {Pod: env}\nchecks: 1', []],
    ['a suggestion of the wrong type', 'taxonomy: {expose: {suggest: true, values: 1}}', []],
  ])('says what is to be said of %s', (_, text, lines) => {
    const document = readDocument(text, 'f');
    expect(findIncoherence(document, 'f', checkIds, 0).map(formatProblem)).toEqual(lines);
  });
});
