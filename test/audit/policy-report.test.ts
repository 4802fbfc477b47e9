import { describe, expect, it } from 'vitest';
import { changedReport } from '../../src/audit/changed-report.ts';
import { type PublishedReport, reportsOf } from '../../src/audit/policy-report.ts';
import { auditRules } from '../../src/audit/rules.ts';
import { rules } from '../../src/judgement/rules.ts';
import { categories } from '../../src/report/categories.ts';
import { audit, fenced, namespace, now, own, pod } from './scene.ts';

const { expose: _, ...half } = own;
const withUid = (name: string, labels = {}) => namespace(name, labels, { uid: `uid-of-${name}` });

async function reportOf(...objects: Parameters<typeof audit>[0]): Promise<PublishedReport> {
  const [report] = reportsOf(await audit(objects), 'policyreport');
  if (report === undefined) throw new Error('there is no report');
  return report;
}

it('every rule has a category', () => {
  const ids = [...rules.map(({ id }) => id), ...Object.keys(auditRules)];
  expect(new Set(Object.keys(categories))).toEqual(new Set(ids));
});

describe('a report', () => {
  it('is one for each namespace that is judged and one of the cluster, in the form of its API', async () => {
    const found = await audit([...fenced('shop'), namespace('bank'), namespace('kube-system')]);
    const policyReports = reportsOf(found, 'policyreport');
    expect(policyReports.map(({ metadata }) => metadata.namespace ?? '').sort((a, b) => a.localeCompare(b))).toEqual([
      '',
      'bank',
      'shop',
    ]);
    expect(policyReports[0]).toMatchObject({ apiVersion: 'wgpolicyk8s.io/v1alpha2', kind: 'PolicyReport' });
    expect(policyReports[0]).not.toHaveProperty('source');
    const [openReport] = reportsOf(found, 'openreports');
    expect(openReport).toMatchObject({ apiVersion: 'openreports.io/v1alpha1', kind: 'Report', source: 'ringfence' });
  });

  it('names the object with its uid, or the namespace for an object that does not exist', async () => {
    const { results } = await reportOf(
      withUid('shop', { env: 'prod', tier: 'api', team: 'shop', 'ringfence.dev/fence': 'true' }),
      pod('shop', 'web', half),
    );
    const resources = results.flatMap((one) => one.resources);
    expect(resources).toContainEqual({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web', uid: 'uid-web' });
    expect(resources).toContainEqual({ apiVersion: 'v1', kind: 'Namespace', name: 'shop', uid: 'uid-of-shop' });
    expect(resources.every((one) => 'uid' in one)).toBe(true);
  });

  it('has at most 100 results, worst first, and counts all', async () => {
    const pods = Array.from({ length: 150 }, (_one, index) => pod('shop', `web-${index}`, half));
    const host = pod('shop', 'agent', own, { spec: { hostNetwork: true } });
    const { results, summary } = await reportOf(
      withUid('shop', { env: 'prod', tier: 'api', team: 'shop' }),
      host,
      ...pods,
    );
    expect([results.length, summary]).toEqual([100, { pass: 0, fail: 150, warn: 1, error: 0, skip: 0 }]);
    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['fail']));
    expect(results.at(-1)?.properties['omitted']).toBe('51');
    expect(results.flatMap(({ properties }) => Object.values(properties)).every((one) => typeof one === 'string')).toBe(
      true,
    );
  });
});

describe('the report of the cluster', () => {
  const clusterReport = async (api: 'openreports' | 'policyreport', ...objects: Parameters<typeof audit>[0]) =>
    reportsOf(await audit(objects), api).filter(({ metadata }) => metadata.namespace === undefined);

  it('has the findings on Namespaces, which are in no other, and counts those that are right', async () => {
    const objects = [withUid('shop', { env: 'prod', tier: 'api' }), withUid('bank', {}), namespace('film')];
    const [report, ...others] = await clusterReport('policyreport', ...objects);
    expect(others).toEqual([]);
    expect(report).toMatchObject({
      kind: 'ClusterPolicyReport',
      metadata: { name: 'ringfence-audit' },
      summary: { pass: 1, fail: 4, warn: 0, error: 0, skip: 0 },
    });
    expect(report?.results.map(({ resources, rule }) => [(resources[0] as { uid: string }).uid, rule])).toEqual([
      ['uid-of-bank', 'metadata.labels.env'],
      ['uid-of-bank', 'metadata.labels.team'],
      ['uid-of-bank', 'metadata.labels.tier'],
      ['uid-of-shop', 'metadata.labels.team'],
    ]);
    expect(report?.results.at(-1)?.properties).toMatchObject({ env: 'prod', tier: 'api' });
    for (const one of reportsOf(await audit(objects), 'policyreport'))
      if (one.metadata.namespace !== undefined) expect(one.results).toEqual([]);
    expect((await clusterReport('openreports', ...objects))[0]).toMatchObject({
      kind: 'ClusterReport',
      source: 'ringfence',
    });
  });

  it('is within the same bounds', async () => {
    const many = Array.from({ length: 60 }, (_one, index) => withUid(`ns-${index}`));
    const [report] = await clusterReport('policyreport', ...many);
    expect([report?.results.length, report?.summary.fail]).toEqual([100, 180]);
    expect(report?.results.at(-1)?.properties['omitted']).toBe('80');
  });
});

describe('a report is written', () => {
  const changed = async (labels: Record<string, string>, stored?: PublishedReport) =>
    changedReport(
      await reportOf(withUid('shop', { env: 'prod', tier: 'api', team: 'shop' }), pod('shop', 'web', labels)),
      stored,
      now,
    );

  it('where there is none, and not again where nothing differs', async () => {
    const first = await changed(half);
    expect(first?.results.map(({ timestamp }) => timestamp)).toEqual([{ seconds: now / 1000, nanos: 0 }]);
    expect(await changed(half, first)).toBeUndefined();
    const reordered = JSON.parse(JSON.stringify(first)) as PublishedReport;
    expect(
      await changed(half, {
        ...reordered,
        results: reordered.results.map((one) => Object.fromEntries(Object.entries(one).reverse()) as never),
      }),
    ).toBeUndefined();
  });

  it('where a result is new, and the others keep their time', async () => {
    const first = await changed(half);
    const before = { seconds: 1, nanos: 0 };
    const stored = {
      ...(first as PublishedReport),
      results: (first?.results ?? []).map((one) => ({ ...one, timestamp: before })),
    };
    const second = await changed({ ...half, env: 'prd' }, stored);
    expect(second?.results).toHaveLength(2);
    expect(second?.results.find(({ policy }) => policy === 'required-labels')?.timestamp).toEqual(before);
  });

  it('where nothing is wrong any more', async () => {
    const clean = await changed(own, await changed(half));
    expect([clean?.results, clean?.summary.pass]).toEqual([[], 1]);
  });
});
