import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDesk } from '../src/commands/desk.ts';
import { systemFiles } from '../src/commands/files.ts';
import { readEnvironment } from '../src/config/environment.ts';
import type { LoadedDocument } from '../src/documents/document.ts';
import { loadDocuments } from '../src/documents/load.ts';
import { takeInventory } from '../src/judgement/inventory.ts';
import { judgeDocuments } from '../src/judgement/judgement.ts';
import type { NetworkPolicySpec } from '../src/kubernetes/network-policy.ts';
import { fileConfig } from '../src/process/configuration.ts';
import { assertExpectation } from '../src/reach/assertion.ts';
import { readExpectations } from '../src/reach/expectations.ts';

const root = join(import.meta.dirname, '..', 'examples');
const ownNamespace = 'ringfence-system';

interface Example {
  readonly name: string;
  /** The number of findings about the authors' policies, by check. */
  readonly findings: Readonly<Record<string, number>>;
  /** A mistake that an author might make, and the check that refuses it. */
  readonly mistake: {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly spec: NetworkPolicySpec;
    readonly refusedBy: string;
  };
}

/** One ingress rule for the Pods of one app, from others. */
function opens(to: Readonly<Record<string, string>>, from: Readonly<Record<string, string>>): NetworkPolicySpec {
  return {
    podSelector: { matchLabels: to },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: { matchLabels: from } }] }],
  };
}

const examples: readonly Example[] = [
  {
    name: 'three-tiers',
    findings: {},
    mistake: {
      namespace: 'database',
      labels: { env: 'prod', tier: 'data', team: 'platform' },
      spec: {
        podSelector: { matchLabels: { app: 'store' } },
        ingress: [
          {
            from: [{ namespaceSelector: { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['api'] }] } }],
          },
        ],
      },
      refusedBy: 'flow-matrix',
    },
  },
  {
    name: 'online-boutique',
    // All policies except the deny-all have egress without `to`.
    findings: { 'egress-to-anyone': 12 },
    mistake: {
      namespace: 'boutique-cache',
      labels: { env: 'prod', tier: 'cache', team: 'boutique' },
      spec: {
        podSelector: { matchLabels: { app: 'redis-cart' } },
        ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/1' } }, { ipBlock: { cidr: '128.0.0.0/1' } }] }],
      },
      refusedBy: 'internal-exposed',
    },
  },
  {
    name: 'bank-of-anthos',
    findings: {},
    mistake: {
      namespace: 'bank',
      labels: { env: 'prod', tier: 'data', team: 'bank' },
      // Nobody governs the name of an app, so a Pod of the web tier may have it.
      spec: opens({ app: 'ledger-db', tier: 'data' }, { app: 'ledgerwriter' }),
      refusedBy: 'flow-matrix',
    },
  },
  {
    name: 'sock-shop',
    findings: {},
    mistake: {
      namespace: 'sock-shop',
      labels: { env: 'prod', tier: 'data', team: 'socks' },
      spec: opens({ app: 'user-db', tier: 'data' }, { app: 'front-end', tier: 'web' }),
      refusedBy: 'flow-matrix',
    },
  },
];

describe.each(examples)('the example $name', { timeout: 30_000 }, ({ name, findings, mistake }) => {
  const folder = join(root, name);
  const configFile = existsSync(join(folder, 'ringfence.yaml')) ? join(folder, 'ringfence.yaml') : undefined;
  const file = join(folder, 'expectations.yaml');
  const expectations = readExpectations(readFileSync(file, 'utf8'), file);
  const desk = openDesk(
    {
      filename: [folder],
      fenced: true,
      ringfenceNamespace: ownNamespace,
      ...(configFile === undefined ? {} : { config: configFile }),
    },
    readEnvironment({ POD_NAMESPACE: ownNamespace }),
  );

  async function judge(more: readonly LoadedDocument[]): Promise<readonly (readonly [name: string, check: string])[]> {
    const config = fileConfig(configFile, ownNamespace);
    const { documents, problems } = await loadDocuments([folder], systemFiles);
    expect(problems).toEqual([]);
    const all = [...documents, ...more];
    const inventory = takeInventory(all, { cluster: [], defaultNamespace: undefined, now: 0 }, config);
    const { objects } = await judgeDocuments(all, inventory, config);
    return objects.flatMap(({ subject, findings }) =>
      findings.map(({ check }) => [subject.name ?? '', check] as const),
    );
  }

  it('gets the findings that its practice earns, and no other', async () => {
    const counts: Record<string, number> = {};
    for (const [, check] of await judge([])) counts[check] = (counts[check] ?? 0) + 1;
    expect(counts).toEqual(findings);
  });

  it(`would be refused with a mistake in it, by ${mistake.refusedBy}`, async () => {
    const object = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'mistake', namespace: mistake.namespace, labels: mistake.labels },
      spec: mistake.spec,
    };
    const document: LoadedDocument = {
      file: 'mistake.yaml',
      line: 1,
      column: 1,
      object,
      placeOf: () => ({ line: 1, column: 1 }),
      writtenAt: () => undefined,
    };
    const found = (await judge([document])).filter(([name]) => name === 'mistake');
    expect(found).toContainEqual(['mistake', mistake.refusedBy]);
  });

  it('keeps what it promises', async () => {
    const asked = await desk;
    const failed = expectations.map((one) => assertExpectation(one, asked)).filter(({ passed }) => !passed);
    expect(failed.map(({ title, details }) => [title, ...details])).toEqual([]);
  });

  it('opens nothing between its workloads but what it promises', async () => {
    const { inventory, evaluator } = await desk;
    const ports = new Set(inventory.world.pods.flatMap((pod) => pod.ports.map(({ port }) => port)));
    const open: string[] = [];
    for (const [from, source] of inventory.podsByName)
      for (const [to, destination] of inventory.podsByName)
        for (const port of ports) {
          const flow = { from: { pod: source }, to: { pod: destination }, protocol: 'TCP', port } as const;
          if (source !== destination && evaluator.answer(flow).verdict !== 'denied') open.push(`${from} ${to} ${port}`);
        }
    const promised = expectations.filter(({ expected, to }) => expected === 'allow' && inventory.podsByName.has(to));
    expect(new Set(open)).toEqual(new Set(promised.map(({ from, to, port }) => `${from} ${to} ${port}`)));
  });
});
