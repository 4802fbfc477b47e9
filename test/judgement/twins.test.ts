import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { judgeDocuments } from '../../src/judgement/judgement.ts';
import { config } from '../policy/minimal.ts';

const shop =
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: api, team: shop}}\n---\n';

async function judge(text: string, given: string) {
  const { documents } = parseManifest(text, 'a.yaml');
  const cluster = parseManifest(given, 'given.yaml').documents;
  return judgeDocuments(
    documents,
    takeInventory(documents, { cluster, defaultNamespace: undefined, now: 0 }, config),
    config,
  );
}

describe('two equal NetworkPolicies', () => {
  const policy = (name: string) => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop, labels: {env: prod, tier: api, team: shop}}
spec: {podSelector: {matchLabels: {app: x}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: z}}}]}]}
`;
  const repeated = async (text: string, given = '') =>
    (await judge(text, given)).objects.flatMap(({ subject, findings }) =>
      findings.filter(({ check }) => check === 'no-effect').map(({ reason }) => `${subject.name}: ${reason}`),
    );
  const reason = (twin: string) =>
    `has no effect: NetworkPolicy ${twin} isolates and allows the same; remove one of the two`;

  it('warn once, on the later one, which names the other', async () => {
    expect(await repeated(shop + policy('one') + policy('two'))).toEqual([`two: ${reason('one')}`]);
    expect(await repeated(shop + policy('b') + policy('a') + policy('c'))).toEqual([
      `a: ${reason('b')}`,
      `c: ${reason('b')}`,
    ]);
  });

  it('warn on the one of the files where the other is in the cluster', async () => {
    expect(await repeated(policy('one'), shop + policy('two'))).toEqual([`one: ${reason('two')}`]);
  });
});
