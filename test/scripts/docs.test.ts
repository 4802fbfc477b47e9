import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generateFiles } from '../../scripts/docs.ts';
import { defaultConfig, parseConfig } from '../../src/config/load.ts';
import { checks } from '../../src/policy/checks/index.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const context = {
  version: '0',
  ownNamespace: 'ringfence',
  checkIds: checks.map(({ id }) => id),
  file: 'ringfence.yaml',
};
/**
 * The code blocks of the configuration page: an example, a file with mistakes, the messages about
 * it, more examples, and the defaults.
 */
const blocks = [...read('docs/configuration.md').matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
const [example = '', mistaken = '', said = ''] = blocks;
const examples = blocks.slice(3, -1);
const defaults = blocks.at(-1) ?? '';

describe('the generated documentation', () => {
  it.each(generateFiles(read).map(({ path, text }) => [path, text]))(
    '%s is up to date (npm run docs)',
    (path, text) => {
      expect(read(path)).toBe(text);
    },
  );

  it('tells a file without a generated part instead of overwriting it', () => {
    const emptied = (path: string): string => (path.endsWith('.md') ? '# By hand\n' : read(path));
    expect(() => generateFiles(emptied)).toThrow('docs/configuration.md has no generated part');
  });
});

describe('the configuration page', () => {
  it('has an example that works', () => {
    const config = parseConfig(example, context);
    expect(config.mode).toBe('observe');
    expect(config.taxonomy.keys.get('cost-center')?.pattern?.test('cc-1234')).toBe(true);
  });

  it('has parts of files that work', () => {
    expect(examples.length).toBeGreaterThan(0);
    const head = 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n';
    for (const part of examples) expect(parseConfig(head + part, context)).not.toEqual(defaultConfig(context));
  });

  it('shows the answer that a mistaken file really gets', () => {
    expect(() => parseConfig(mistaken, context)).toThrow(expect.objectContaining({ message: said.trim() }));
  });

  it('prints defaults that are the defaults', () => {
    const plain = (config: unknown) =>
      JSON.stringify(config, (_, value: unknown) => (value instanceof Map ? [...value] : value));
    expect(plain(parseConfig(defaults, context))).toBe(plain(defaultConfig(context)));
  });
});
