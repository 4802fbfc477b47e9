import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { baselineManifest } from '../../src/fencing/manifest.ts';
import { config, labels } from '../fencing/scene.ts';
import { openStage, type Stage } from './stage.ts';

describe('ringfence baseline', () => {
  let api: Stage['api'];
  let run: Stage['run'];
  beforeEach(async () => {
    ({ api, run } = await openStage());
  });
  afterEach(() => vi.restoreAllMocks());

  const shop = { name: 'shop', labels: new Map(Object.entries(labels)) };
  const desired = baselineManifest(shop, config, { emptyLists: false });

  it('prints both NetworkPolicies as YAML, by the labels of the namespace in the cluster', async () => {
    const { code, stdout, stderr } = await run(['baseline', 'shop']);
    expect([code, stderr]).toEqual([0, '']);
    expect(parseAllDocuments(stdout).map((document) => document.toJS() as unknown)).toEqual(desired);
    expect(stdout).not.toMatch(/resourceVersion|uid|managedFields|config-version|managed-by|[&*]a\d/);
  });

  it('prints them as a List that kubectl reads', async () => {
    const { stdout } = await run(['baseline', 'shop', '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({ apiVersion: 'v1', kind: 'List', items: desired });
  });

  it('takes DNS from the cluster with auto, and says what it assumes without one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-auto-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'config.yaml');
    writeFileSync(file, 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nbaseline: {dns: auto}\n');
    const none =
      'none of the Services kube-system/kube-dns, kube-system/rke2-coredns-rke2-coredns, openshift-dns/dns-default exists';
    const assumed = await run(['baseline', 'shop', '--config', file]);
    expect(assumed.stderr).toBe(`note: baseline.dns is auto, and ${none}; the default is assumed\n`);
    expect(assumed.stdout).toContain('k8s-app: kube-dns');
    api.put('/api/v1/namespaces/openshift-dns/services/dns-default', {
      spec: { selector: { dns: 'default' }, ports: [{ port: 53, protocol: 'UDP', targetPort: 5353 }] },
    });
    const found = await run(['baseline', 'shop', '--config', file]);
    expect([found.code, found.stderr]).toEqual([0, '']);
    expect(found.stdout).toContain('dns: default');
    expect(found.stdout).toContain('port: 5353');
    const offline = await run(['baseline', 'new', '--labels', 'env=prod,tier=web,team=shop', '--config', file]);
    expect(offline.stderr).toBe(
      'note: baseline.dns is auto, and no cluster is asked here; the default place is assumed\n',
    );
  });

  it('has the empty lists where they are asked for', async () => {
    const { stdout } = await run(['baseline', 'shop', '--empty-lists', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      items: [{ spec: { ingress: [] } }, { spec: { ingress: [], egress: [] } }],
    });
  });

  it('needs no cluster where the labels are given, and says by which configuration', async () => {
    const { code, stdout, stderr } = await run(['baseline', 'new', '--labels', 'env=prod,tier=web']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('namespace: new\n  labels:\n    env: prod\n    tier: web\n'),
    ]);
    expect(stderr).toBe(
      'note: this is the baseline of the default configuration; --config FILE uses another\nnote: namespace new has no team; print the baseline again when it does\n',
    );
    expect(api.calls).toEqual([]);
  });

  it.each([
    [
      'a namespace that is not there',
      ['baseline', 'none'],
      'there is no namespace none; for a future namespace, use --labels',
    ],
    ['labels that are none', ['baseline', 'shop', '--labels', 'evn=prod'], '"evn" is not a key of the taxonomy'],
    ['a namespace that is never fenced', ['baseline', 'kube-public', '--labels', 'env=prod'], 'belongs to Kubernetes'],
  ])('exits 2 for %s', async (_, args, said) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)]);
  });
});
