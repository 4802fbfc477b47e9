// The pages that explain: their words, configurations and figures are those of the product.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readRuns } from '../../bench/keeping.ts';
import { parseConfig } from '../../src/config/load.ts';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { judgeDocuments } from '../../src/judgement/judgement.ts';
import { otherPolicyKinds } from '../../src/kubernetes/other-policies.ts';
import { fileConfig } from '../../src/process/configuration.ts';
import { readPage } from './page.ts';

describe('docs/concepts.md', () => {
  const page = readPage('docs/concepts.md');

  it('has ten words', () => {
    const numbered = page.headings.filter(({ text }) => /^\d+\. /.test(text));
    expect(numbered.map(({ text }) => Number.parseInt(text, 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('explains every word of the glossary that is for users', () => {
    const glossary = [...readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| ([a-z]+(?:, [a-z]+)?) \| [A-Z`]/gm)];
    const words = glossary.flatMap(([, row = '']) => row.split(', '));
    expect(words.length).toBeGreaterThan(9);
    expect(words.filter((word) => !page.text.includes(word))).toEqual([]);
  });
});

describe('docs/taxonomy.md', () => {
  it('has a configuration that works', () => {
    const { blocks } = readPage('docs/taxonomy.md');
    const [{ text } = { text: '' }] = blocks.filter(({ language }) => language === 'yaml');
    const context = { file: 'ringfence.yaml', ownNamespace: 'ringfence-system', version: '1', checkIds: [] };
    expect([...parseConfig(text, context).taxonomy.keys.keys()]).not.toContain('sensitivity');
  });
});

describe('docs/faq.md', () => {
  it('has manifests that no check has anything to say of', async () => {
    const config = fileConfig(undefined, 'ringfence-system');
    const shop =
      '{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {env: prod, tier: api, team: shop, ringfence.dev/fence: "true"}}}';
    const cluster = parseManifest(shop, 'cluster.yaml').documents;
    const texts = readPage('docs/faq.md').blocks.flatMap(({ language, text }) => (language === 'yaml' ? [text] : []));
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) {
      expect(parseAllDocuments(text).flatMap(({ errors }) => errors)).toEqual([]);
      const { documents } = parseManifest(text, 'faq.yaml');
      const inventory = takeInventory(documents, { cluster, defaultNamespace: undefined, now: 0 }, config);
      const { objects } = await judgeDocuments(documents, inventory, config);
      expect(objects.flatMap(({ findings }) => findings.map(({ check, reason }) => [check, reason]))).toEqual([]);
    }
  });
});

describe('docs/comparison.md', () => {
  const { text } = readPage('docs/comparison.md');

  it('has the figures of the last benchmark', () => {
    const runs = readRuns('docs/performance.json');
    const figuresOf = (part: string) => runs[part]?.figures ?? [];
    const figure = (part: string, of: string, label: string): number =>
      figuresOf(part).find((one) => one.of === of && one.label === label)?.value ?? Number.NaN;
    const ratio = (of: string): string => figure('webhook', of, 'against the floor').toPrecision(3);
    const idle = figure('memory', '100 namespaces, 200 policies, idle', 'resident').toFixed(0);
    expect(text).toContain(`| Ringfence, observe | ${ratio('Pod, 3 KB, observe')} [m] | ${idle} [m] |`);
    expect(text).toContain(
      `| Ringfence, enforce with a live read | ${ratio('Pod, 3 KB, fenced namespace, enforce')} [m] |`,
    );
    const values = figuresOf('webhook')
      .filter(({ of, label }) => label === 'against the floor' && of?.includes('one at a time') !== true)
      .map(({ value }) => value);
    expect(text).toContain(
      `Ringfence is between ${Math.min(...values).toPrecision(3)} and ${Math.max(...values).toPrecision(3)} times its floor`,
    );
  });

  it('marks what it says of others: each paragraph under "Better at" has a source', () => {
    const claims = text.split('\n').filter((line) => line.startsWith('**Better at:**'));
    expect(claims.length).toBe(8);
    expect(claims.filter((line) => !/\[(?:d|m)/.test(line))).toEqual([]);
  });
});

describe('docs/network-plugins.md', () => {
  const { text } = readPage('docs/network-plugins.md');

  it('has a source for each mark, and a mark for each source', () => {
    const [tables = '', sources = ''] = text.split('## Sources');
    const marks = new Set([...tables.matchAll(/\[([a-z]\d)\]/g)].map(([, mark]) => mark));
    const listed = [...sources.matchAll(/^\| ([a-z]\d) \|/gm)].map(([, mark]) => mark);
    expect(new Set(listed)).toEqual(marks);
    expect(new Set(listed).size).toBe(listed.length);
  });

  it('names as guarded only kinds that Ringfence guards', () => {
    const guarded = new Set(otherPolicyKinds.filter(({ opens }) => opens).map(({ kind }) => kind));
    const rows = text.split('\n').filter((line) => line.startsWith('| 5. '));
    const named = rows.flatMap((row) => row.split('|').slice(2).join(',').split(',')).map((word) => word.trim());
    const kinds = named.filter((word) => /^[A-Z]/.test(word));
    expect(kinds.length).toBeGreaterThan(15);
    expect(kinds.filter((kind) => !guarded.has(kind))).toEqual([]);
  });
});
