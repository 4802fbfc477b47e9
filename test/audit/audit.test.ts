import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keepObject } from '../../src/audit/collection.ts';
import { auditJson } from '../../src/audit/json.ts';
import { prune } from '../../src/audit/prune.ts';
import { exitCodeOf, summarize } from '../../src/audit/report.ts';
import { auditText } from '../../src/audit/text.ts';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { judgeDocuments } from '../../src/judgement/judgement.ts';
import { config } from '../policy/minimal.ts';
import { audit, fenced, namespace, own, ownedBy, pod, policy, reportOn, validateJson, workload } from './scene.ts';

const exposed = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8443 }] },
};
const exception = (name: string, until: string) => ({
  name,
  checks: ['host-network'],
  namespace: 'shop',
  workloads: [{ kind: 'Pod', name: /^agent$/ }],
  reason: 'an agent',
  until,
});

/** Something of everything. */
const lived = [
  ...fenced('shop'),
  namespace('bank', { env: 'prod', tier: 'data', team: 'bank' }),
  namespace('lost', {}),
  namespace('kube-system', {}),
  pod('shop', 'web', { ...own, app: 'web' }),
  pod('shop', 'agent', own, { spec: { hostNetwork: true } }),
  pod('shop', 'port', own, { spec: { containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 81 }] }] } }),
  pod('bank', 'other', { ...own, tier: 'api' }),
  pod('bank', 'half', { app: 'half' }),
  policy('shop', 'open', { podSelector: {}, ingress: [{}] }),
  exposed,
];

describe('an audit', () => {
  it('counts by namespace and by team, worst first', async () => {
    const { namespaces, teams } = await audit(lived);
    expect(namespaces.map(({ name }) => name)).toEqual(['shop', 'bank', 'lost', 'kube-system']);
    expect(namespaces.map(({ pods }) => pods.all)).toEqual([3, 2, 0, 0]);
    const [shop, bank] = namespaces;
    expect(shop?.pods).toEqual({ all: 3, disagreeing: 0, unfilled: 0, hostNetwork: 1, hostPort: 1 });
    // "half" lacks env, tier, team and expose, which admission would fill in or ask for.
    expect(bank?.pods).toMatchObject({ disagreeing: 1 });
    expect(teams.map(({ name, namespaces: count, fenced: walls }) => [name, count, walls])).toEqual([
      ['shop', 1, 1],
      ['bank', 1, 0],
      ['', 1, 0],
    ]);
  });

  it('does not advise options that it does not have, where a namespace is not there', async () => {
    const { findings } = await audit([pod('gone', 'web'), { ...pod('', 'web'), metadata: { name: 'web' } }]);
    const undecided = findings.filter(({ severity }) => severity === 'undecided').map(({ message }) => message);
    expect(undecided).toContainEqual(expect.stringMatching(/: there is no Namespace gone$/));
    expect(undecided.filter((text) => text.includes('--'))).toEqual([]);
  });

  it('counts the Pods that lack a label until they are made again, where labels are filled in', async () => {
    const filling = { ...config, inherit: true };
    const { namespaces } = await audit(lived, filling);
    expect(namespaces.find(({ name }) => name === 'bank')?.pods.unfilled).toBe(1);
  });

  it('leaves out what has ended, and says how much', async () => {
    const { findings, leftOut, namespaces } = await audit([
      namespace('shop'),
      pod('shop', 'done', {}, { status: { phase: 'Succeeded' } }),
      pod('shop', 'failed', {}, { status: { phase: 'Failed' } }),
      {
        ...workload('shop', 'ReplicaSet', 'web-1', {}, ownedBy('Deployment', 'web')),
        spec: { replicas: 0, template: { metadata: {}, spec: { containers: [] } } },
      },
      {
        ...workload('shop', 'Job', 'once', {}),
        apiVersion: 'batch/v1',
        status: { completionTime: '2026-11-28T00:00:00Z' },
      },
      {
        ...workload('shop', 'Job', 'never', {}),
        apiVersion: 'batch/v1',
        status: { conditions: [{ type: 'Failed', status: 'True' }] },
      },
    ]);
    expect([findings, namespaces[0]?.pods.all]).toEqual([[], 0]);
    expect(leftOut).toEqual(
      new Map([
        ['ended Pod', 2],
        ['ReplicaSet of an old revision', 1],
        ['ended Job', 2],
      ]),
    );
  });

  it('judges a scaled-down workload that nobody else makes again', async () => {
    const idle = workload('shop', 'Deployment', 'idle', {});
    const { findings } = await audit([
      namespace('shop'),
      { ...idle, spec: { ...(idle['spec'] as object), replicas: 0 } },
    ]);
    expect(findings.length).toBeGreaterThan(0);
  });

  it('follows the outside to the Pods, and says whether policies let it in', async () => {
    const { exposure, findings } = await audit(lived);
    expect(exposure.flows).toMatchObject([
      { exposure: 'shop/service/web', to: ['shop/web'], verdict: 'allowed', unexpected: 'not expose="true"' },
    ]);
    expect(findings.filter(({ check }) => check === 'exposed-unexpected').map(({ name }) => name)).toEqual(['web']);
  });

  it('lists exceptions with their end, and judges by those that hold', async () => {
    const exceptions = [
      exception('old', '2026-11-01'),
      exception('near', '2026-12-03'),
      exception('far', '2027-02-01'),
    ];
    const found = await audit(lived, { ...config, exceptions });
    expect(found.exceptions.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'old ended',
      'near ending',
      'far holds',
    ]);
    const waived = found.findings.filter(({ check }) => check === 'host-network');
    expect(waived.map((one) => [one.severity, one.exception])).toEqual([['recorded', 'near']]);
    const ended = await audit(lived, { ...config, exceptions: [exception('old', '2026-11-01')] });
    expect(ended.findings.find(({ check }) => check === 'host-network')?.severity).toBe('error');
  });
});

describe('the answer', () => {
  it('of -o json follows its schema, and each finding belongs to a cause', async () => {
    const data = JSON.parse(
      [...auditJson(await reportOn(lived, { ...config, exceptions: [exception('a', '2027-01-01')] }))].join(''),
    ) as {
      findings: { cause: number }[];
      causes: { id: number; count: number }[];
    };
    expect([validateJson(data), validateJson.errors]).toEqual([true, null]);
    for (const { id, count } of data.causes)
      expect(data.findings.filter(({ cause }) => cause === id)).toHaveLength(count);
    expect(data.causes.reduce((sum, { count }) => sum + count, 0)).toBe(data.findings.length);
  });

  it('of -o text has each part once, and the summary last', async () => {
    const report = await reportOn(lived);
    const text = auditText(report);
    expect(text.split('\n').filter((line) => /^[A-Z]/.test(line))).toEqual([
      'Teams',
      'Namespaces',
      'What to correct',
      'Fences',
      'Exposed to the outside',
      'Good to know',
    ]);
    expect(text.trimEnd().split('\n').at(-1)).toBe(`${summarize(report)}.`);
    expect(summarize(report)).toMatch(/^4 namespaces, 1 fenced; 5 Pods; \d+ findings, \d+ warnings$/);
  });

  it('exits with 1 for a finding, with --strict for doubt and warnings too', async () => {
    const clean = await reportOn(fenced('shop'));
    expect(exitCodeOf(clean)).toBe(0);
    expect(exitCodeOf({ ...clean, strict: true })).toBe(0);
    const warned = await reportOn([namespace('shop'), pod('shop', 'agent', own, { spec: { hostNetwork: true } })]);
    expect([exitCodeOf(warned), exitCodeOf({ ...warned, strict: true })]).toEqual([0, 1]);
    const overlooked = await reportOn([
      namespace('shop'),
      pod('shop', 'web', own, ownedBy('Rollout', 'web', 'argoproj.io/v1')),
    ]);
    expect([exitCodeOf(overlooked), exitCodeOf({ ...overlooked, strict: true })]).toEqual([0, 1]);
    expect(exitCodeOf(await reportOn([namespace('shop', {})]))).toBe(1);
    const line = { examination: 'x', status: 'finding', looked: 'x', found: 'x', means: '', remedy: '' } as const;
    expect(exitCodeOf({ ...clean, doctor: [line] })).toBe(1);
  });
});

describe('what is kept of an object', () => {
  it.each([
    ['v1', 'Pod'],
    ['v1', 'Namespace'],
    ['v1', 'Node'],
    ['v1', 'Service'],
    ['apps/v1', 'Deployment'],
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['networking.k8s.io/v1', 'Ingress'],
    ['cilium.io/v2', 'CiliumNetworkPolicy'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    ['apiregistration.k8s.io/v1', 'APIService'],
    ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
  ])('is the same after a write of its status: %s %s', (apiVersion, kind) => {
    const written = (version: string): unknown =>
      keepObject({
        apiVersion,
        kind,
        metadata: { name: 'a', resourceVersion: version, generation: Number(version), managedFields: [version] },
        status: { conditions: [{ type: 'Ready', lastHeartbeatTime: version }] },
      });
    expect(written('2')).toEqual(written('1'));
  });

  const files = globSync('test/fixtures/*/{pass,fail}/*.yaml').sort((a, b) => (a < b ? -1 : 1));

  it.each(files)('%s gets the findings of admission', async (file) => {
    const { documents } = parseManifest(readFileSync(file, 'utf8'), file);
    const pruned = documents.map((document) => ({
      ...document,
      object: prune(document.object as Record<string, unknown>),
    }));
    const judge = async (all: typeof documents) => {
      const inventory = takeInventory(all, { cluster: [], defaultNamespace: 'shop', now: 0 }, config);
      const { objects } = await judgeDocuments(all, inventory, config);
      return objects.map(({ subject, findings }) => [
        subject,
        findings.map(({ check, field, reason, action }) => [check, field, reason, action]),
      ]);
    };
    const whole = documents.map((document) => ({
      ...document,
      placeOf: () => ({ line: 1, column: 1 }),
      writtenAt: () => undefined,
    }));
    const kept = pruned.map((document) => ({
      ...document,
      placeOf: () => ({ line: 1, column: 1 }),
      writtenAt: () => undefined,
    }));
    expect(await judge(kept)).toEqual(await judge(whole));
  });
});
