import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { type JudgedObject, judgeDocuments } from '../../src/judgement/judgement.ts';
import { config, podLabels } from '../policy/minimal.ts';

const shop =
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: api, team: shop}}\n---\n';

async function last(text: string, as: Config = config): Promise<JudgedObject> {
  const { documents } = parseManifest(text, 'a.yaml');
  const inventory = takeInventory(documents, { cluster: [], defaultNamespace: undefined, now: 0 }, as);
  const object = (await judgeDocuments(documents, inventory, as)).objects.at(-1);
  if (object === undefined) throw new Error('nothing was judged');
  return object;
}

describe('with inherit: true', () => {
  const inheriting = { ...config, inherit: true };
  const bare = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n';

  it('the labels that admission fills in are there', async () => {
    const judged = await last(shop + bare, inheriting);
    expect(judged.findings).toEqual([]);
    expect(Object.fromEntries(judged.read?.labels ?? [])).toEqual(podLabels);
    expect((await last(shop + bare)).findings).toHaveLength(4);
  });

  it('a label that is there is judged as it is', async () => {
    const wrong = bare.replace('shop}', 'shop, labels: {tier: data, expose: true}}');
    const { findings } = await last(shop + wrong, inheriting);
    expect(findings.map(({ check }) => check)).toEqual(['readable', 'label-agreement']);
  });

  it('where the namespace is not known, what it may give is not decided, and a safe default is there', async () => {
    const judged = await last(bare, inheriting);
    const reason = 'not decided: whether its namespace gives it: no Namespace shop in the files; use --namespaces FILE';
    expect(judged.findings.map((one) => `${one.subject} ${one.reason} ${one.undecided}`)).toEqual(
      ['env', 'tier', 'team'].map((key) => `${key} ${reason} true`),
    );
    expect(Object.fromEntries(judged.read?.labels ?? [])).toEqual({ expose: 'false' });
  });
});
