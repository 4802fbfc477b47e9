import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { judgeDocuments } from '../../src/judgement/judgement.ts';
import { compareKnown, readKnown, writeKnown } from '../../src/judgement/known.ts';
import { config } from '../policy/minimal.ts';

const shop = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: api, team: shop}}\n';
const policy = (...rules: string[]) => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop, labels: {env: prod, tier: api, team: shop}}
spec: {podSelector: {}, ingress: [${rules.join(', ')}]}
`;
const pod = (labels: string) =>
  `---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {${labels}}}\n`;
const fromData = '{from: [{namespaceSelector: {matchLabels: {env: prod, tier: data}}}]}';
const fromCache = '{from: [{namespaceSelector: {matchLabels: {env: prod, tier: cache}}}]}';

async function judge(text: string) {
  const { documents } = parseManifest(text, 'a.yaml');
  const inventory = takeInventory(documents, { cluster: [], defaultNamespace: undefined, now: 0 }, config);
  return (await judgeDocuments(documents, inventory, config)).objects;
}

/** What is new in a run after another one, and how many findings are gone. */
async function compare(before: string, now: string, isJudged = (_: string) => true) {
  const known = readKnown(writeKnown(await judge(before)), 'known.json');
  const { objects, ...counts } = compareKnown(await judge(now), known, isJudged);
  return { ...counts, fresh: objects.flatMap(({ findings }) => findings.map(({ check }) => check)) };
}

describe('a finding', () => {
  it('is known wherever its rule stands in the list', async () => {
    expect(await compare(shop + policy(fromData), shop + policy('{from: [{podSelector: {}}]}', fromData))).toEqual({
      known: 1,
      gone: 0,
      fresh: [],
    });
  });

  it('is new with another value', async () => {
    expect(await compare(shop + policy(fromData), shop + policy(fromCache))).toEqual({
      known: 0,
      gone: 1,
      fresh: ['flow-matrix'],
    });
  });

  it('is new where it occurs once more', async () => {
    expect(await compare(shop + policy(fromData), shop + policy(fromData, fromData))).toEqual({
      known: 1,
      gone: 0,
      fresh: ['flow-matrix'],
    });
  });

  it('is new where it was not decided before', async () => {
    const text = pod('env: prod, tier: data, team: shop, expose: "false"');
    expect((await compare(text, shop + text)).fresh).toEqual(['label-agreement']);
  });

  it('is not gone where its check was not run', async () => {
    const [before, now] = [shop + pod('env: prod, tier: api, team: shop'), shop];
    expect(await compare(before, now)).toEqual({ known: 0, gone: 1, fresh: [] });
    expect(await compare(before, now, (check) => check !== 'required-labels')).toMatchObject({ gone: 0 });
  });

  it('that the API server refuses has its message as value', async () => {
    const port = (port: string) => policy(`{from: [{podSelector: {}}], ports: [{port: ${port}}]}`);
    expect((await compare(shop + port('0'), shop + port('0'))).fresh).toEqual([]);
    expect((await compare(shop + port('0'), shop + port('70000'))).fresh).toEqual(['readable']);
  });
});

describe('a file of known findings', () => {
  it('may be empty', async () => {
    const text = writeKnown(await judge(shop));
    expect(text).toBe(
      '{\n  "apiVersion": "ringfence.dev/v1alpha1",\n  "kind": "KnownFindings",\n  "findings": []\n}\n',
    );
    expect(readKnown(text, 'a.json').size).toBe(0);
  });

  it('holds values that need escapes', async () => {
    const text = shop + pod('env: "p\\"\\u0007", tier: api, team: shop, expose: "false"');
    expect((await compare(text, text)).fresh).toEqual([]);
  });
});
