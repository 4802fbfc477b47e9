import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { judgeDocuments } from '../../src/judgement/judgement.ts';
import { config } from '../policy/minimal.ts';

const shop =
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: api, team: shop}}\n---\n';
const write = (group: string, kind: string, metadata = '{name: web, namespace: shop}') =>
  `apiVersion: ${group}/v2\nkind: ${kind}\nmetadata: ${metadata}\nspec: {endpointSelector: {}}\n`;
const cilium = write('cilium.io', 'CiliumNetworkPolicy');

async function judge(text: string, given = '', as: Config = config) {
  const { documents } = parseManifest(text, 'a.yaml');
  const cluster = parseManifest(given, 'given.yaml').documents;
  const judged = await judgeDocuments(
    documents,
    takeInventory(documents, { cluster, defaultNamespace: undefined, now: 0 }, as),
    as,
  );
  const findings = judged.objects
    .filter(({ subject }) => subject.kind !== 'Namespace')
    .flatMap((object) => object.findings.map(({ reason, undecided }) => `${undecided ? '' : 'decided: '}${reason}`));
  return { findings, passedOver: [...judged.passedOver.keys()] };
}

const needs = (name: string) =>
  `not decided: whether you may open ${name}; admission asks for "open" on fences.ringfence.dev "${name}"`;

describe('check, of a policy of another kind', () => {
  it.each([
    ['in a fenced namespace', shop + cilium, '', [needs('shop')]],
    ['in one that is not fenced', cilium, shop, []],
    [
      'that is cluster-scoped',
      write('policy.networking.k8s.io', 'ClusterNetworkPolicy', '{name: web}'),
      '',
      [needs('*')],
    ],
    [
      'in a namespace that nobody knows',
      cilium,
      '',
      ['not decided: whether its namespace is fenced: no Namespace shop in the files; use --namespaces FILE'],
    ],
    [
      'in an exempt namespace',
      write('cilium.io', 'CiliumNetworkPolicy', '{name: web, namespace: kube-system}'),
      '',
      [],
    ],
  ])('%s, says what admission asks', async (_, text, given, findings) => {
    expect(await judge(text, given)).toEqual({ findings, passedOver: [] });
  });

  it('that only stages, or that is left to others, passes over it and says so', async () => {
    const staged = write('projectcalico.org', 'StagedNetworkPolicy');
    expect(await judge(shop + staged)).toEqual({
      findings: [],
      passedOver: ['projectcalico.org/v2 StagedNetworkPolicy'],
    });
    expect(await judge(shop + cilium, '', { ...config, otherPolicies: false })).toEqual({
      findings: [],
      passedOver: ['cilium.io/v2 CiliumNetworkPolicy'],
    });
  });
});
