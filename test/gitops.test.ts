import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { baselineParts, desiredDenyAll } from '../src/baseline/desired.ts';
import { driftOf } from '../src/baseline/drift.ts';
import { defaultConfig } from '../src/config/load.ts';
import { fenceMark } from '../src/policy/mode.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const text = readFileSync(join(root, 'docs/gitops.md'), 'utf8');
const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = '']) => block);
const config = defaultConfig({ version: '7', ownNamespace: 'ringfence-system' });
const pointers = new Set(
  [...text.matchAll(/(?:\/[\w.~-]+)*\/metadata\/(?:labels|annotations)\/[\w.~-]+/g)].map(([path]) => path),
);

/** A key as a reference token of a JSON Pointer (RFC 6901). */
const token = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

describe('the page on Argo CD and Flux', () => {
  it('has YAML that can be read', () => {
    const documents = blocks.flatMap((block) => parseAllDocuments(block));
    expect(documents.length).toBeGreaterThan(7);
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  });

  it('ignores what Ringfence adds, and nothing else', () => {
    const { metadata } = desiredDenyAll({ name: 'shop', labels: new Map() }, config);
    const agreeing = [...config.taxonomy.keys.values()].filter(({ agrees }) => agrees).map(({ key }) => key);
    expect(pointers).toEqual(
      new Set([
        `/metadata/labels/${token(fenceMark)}`,
        ...Object.keys(metadata.labels ?? {}).map((key) => `/metadata/labels/${token(key)}`),
        ...Object.keys(metadata.annotations ?? {}).map((key) => `/metadata/annotations/${token(key)}`),
        ...agreeing.map((key) => `/spec/template/metadata/labels/${token(key)}`),
      ]),
    );
  });

  it('shows a wall for Git that needs no repair, and has no list that the API server drops', () => {
    const shown = blocks.flatMap((block) => parseAllDocuments(block)).map((document): Wall => document.toJS());
    const wall = shown.find(({ kind }) => kind === 'NetworkPolicy');
    const labels = new Map(Object.entries(wall?.metadata.labels ?? {}));
    expect(driftOf(wall, desiredDenyAll({ name: 'shop', labels }, config), config.taxonomy)).toEqual([]);
    expect([...labels.keys()]).toEqual(config.taxonomy.required.Namespace);
    expect(Object.values(wall?.spec ?? {})).not.toContainEqual([]);
  });

  it('names the baseline and the folder of examples as they are', () => {
    const names = baselineParts(config).map(({ name }) => name);
    for (const name of names) expect(text).toContain(`name: ${name} }`);
    expect(text).toContain(`name: "${names.join('|')}"`);
    expect(existsSync(join(root, 'manifests/roles/examples'))).toBe(true);
  });

  it('says the mark and the labels that a namespace needs', () => {
    const labels = /managedNamespaceMetadata:\n +labels:\n((?: {8}.*\n)+)/.exec(text)?.[1] ?? '';
    for (const key of [...config.taxonomy.required.Namespace, fenceMark]) expect(labels).toContain(`        ${key}: `);
  });
});

interface Wall {
  readonly kind: string;
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: object;
}
