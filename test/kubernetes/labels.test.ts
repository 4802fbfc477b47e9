import { describe, expect, it } from 'vitest';
import { readLabels } from '../../src/kubernetes/labels.ts';

const quote = 'a string (quote it)';
const withLabels = (labels: unknown) => readLabels({ metadata: { labels } });

describe('labels', () => {
  it('are data, whatever their keys', () => {
    const { labels, problems } = readLabels(
      JSON.parse('{"metadata": {"labels": {"__proto__": "a", "constructor": "b", "": ""}}}'),
    );
    expect([...labels]).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['', ''],
    ]);
    expect(problems).toEqual([]);
  });

  it.each([
    ['no metadata', {}],
    ['metadata that is null', { metadata: null }],
    ['no labels', { metadata: {} }],
    ['labels that are null', { metadata: { labels: null } }],
    ['what is no object', 'text'],
  ])('are none in %s', (_, holder) => {
    expect(readLabels(holder)).toEqual({ labels: new Map(), problems: [] });
  });

  it('are the empty text where they are null, as the API server reads them', () => {
    expect(withLabels({ env: null })).toEqual({ labels: new Map([['env', '']]), problems: [] });
  });

  it('count as the text that was meant where they are a boolean or a number, and are named each', () => {
    expect(withLabels({ expose: true, env: 'prod', team: 42 })).toEqual({
      labels: new Map(Object.entries({ expose: 'true', env: 'prod', team: '42' })),
      problems: [
        { field: 'metadata.labels.expose', found: 'boolean', expected: quote, label: 'expose', text: 'true' },
        { field: 'metadata.labels.team', found: 'number', expected: quote, label: 'team', text: '42' },
      ],
    });
  });

  it('are left out where nothing can be meant', () => {
    expect(withLabels({ env: ['prod'], team: {}, tier: 'web' })).toEqual({
      labels: new Map([['tier', 'web']]),
      problems: [
        { field: 'metadata.labels.env', found: 'a list', expected: quote, label: 'env' },
        { field: 'metadata.labels.team', found: 'object', expected: quote, label: 'team' },
      ],
    });
  });

  it.each([
    [{ metadata: [] }, 'spec.template.metadata', 'a list'],
    [{ metadata: { labels: 'env=prod' } }, 'spec.template.metadata.labels', 'a text'],
  ])('of %j are none, and the field is named where it stands', (holder, field, found) => {
    expect(readLabels(holder, 'spec.template.')).toEqual({
      labels: new Map(),
      problems: [{ field, found, expected: 'an object' }],
    });
  });
});
