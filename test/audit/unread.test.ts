// What an audit could not read, in its published reports: results on it stay, and the report of the
// cluster says what it was.
import { describe, expect, it } from 'vitest';
import { auditCollection } from '../../src/audit/audit.ts';
import { changedReport } from '../../src/audit/changed-report.ts';
import { createCollector, keepObject, type UnreadKind } from '../../src/audit/collection.ts';
import { type PublishedReport, reportsOf } from '../../src/audit/policy-report.ts';
import { config } from '../policy/minimal.ts';
import { namespace, now, own, pod, workload } from './scene.ts';

const { expose: _, ...half } = own;
const message = 'deployments are not in the audit: you may not list deployments';
const deployments: UnreadKind = { group: 'apps', kind: 'Deployment' };
const home = namespace('shop', { env: 'prod', tier: 'api', team: 'shop' }, { uid: 'uid-of-shop' });
const system = namespace('kube-system', {}, { uid: 'uid-of-the-cluster' });
const web = workload('shop', 'Deployment', 'web', half, { uid: 'uid-web' });
const before = { seconds: 1, nanos: 0 };

type Reports = ReadonlyMap<string, PublishedReport>;

/** The reports of a night that follows another, all as they are then in the cluster. */
async function publish(
  objects: readonly Readonly<Record<string, unknown>>[],
  stored: Reports = new Map(),
  unread: readonly UnreadKind[] = [],
): Promise<Reports> {
  const collector = createCollector(config);
  for (const object of objects) collector.add(keepObject(object));
  for (const kind of unread) collector.addUnread(kind);
  if (unread.length > 0)
    collector.addNotes([{ id: 'kind-not-listed', message, objects: ['deployments'], overlooked: true }]);
  const audit = await auditCollection(collector.take(), config, now);
  return new Map(
    reportsOf(audit, 'policyreport', stored).map((report) => {
      const name = report.metadata.namespace ?? '';
      const there = stored.get(name);
      return [name, changedReport(report, there, now) ?? there ?? report];
    }),
  );
}

/** As if the reports had been published long ago. */
function longAgo(reports: Reports): Reports {
  return new Map(
    [...reports].map(([name, report]) => [
      name,
      { ...report, results: report.results.map((one) => ({ ...one, timestamp: before })) },
    ]),
  );
}

const titles = (report: PublishedReport | undefined) =>
  report?.results.map(({ resources }) => (resources[0] as { kind: string; name: string } | undefined)?.name);

describe('what could not be read', () => {
  it('keeps its results, with their time, and nothing is written while that stays so', async () => {
    const first = longAgo(await publish([system, home, pod('shop', 'api', half), web]));
    expect(titles(first.get('shop'))).toEqual(['web', 'api']);
    const second = await publish([system, home, pod('shop', 'api', half)], first, [deployments]);
    expect(second.get('shop')).toBe(first.get('shop'));
    const third = await publish([system, home, pod('shop', 'api', half)], second, [deployments]);
    for (const [name, report] of third) expect(report).toBe(second.get(name));
    const last = await publish([system, home, pod('shop', 'api', half), web], third);
    expect(last.get('shop')).toBe(first.get('shop'));
    expect(last.get('')?.results).toEqual([]);
  });

  it('does not keep what was read: neither other kinds, nor an object that is gone', async () => {
    const first = await publish([system, home, pod('shop', 'api', half), web]);
    const second = await publish([system, home], first, [deployments]);
    expect(titles(second.get('shop'))).toEqual(['web']);
    expect(second.get('shop')?.summary).toEqual({ pass: 0, fail: 1, warn: 0, error: 0, skip: 0 });
    expect((await publish([system, home], second)).get('shop')?.results).toEqual([]);
  });

  it('is the first result of the report of the cluster, on an object that every cluster has', async () => {
    const report = (await publish([system, home], new Map(), [deployments])).get('');
    expect(report?.results[0]).toMatchObject({
      policy: 'unread',
      rule: 'unread',
      result: 'skip',
      message,
      resources: [{ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system', uid: 'uid-of-the-cluster' }],
    });
    expect(report?.summary.skip).toBe(1);
  });

  it('is within the bounds, and so is what stays', async () => {
    const many = Array.from({ length: 60 }, (_one, index) => namespace(`ns-${index}`, {}, { uid: `uid-${index}` }));
    const cluster = (await publish([system, ...many], new Map(), [deployments])).get('');
    expect([cluster?.results.length, cluster?.results[0]?.policy]).toEqual([100, 'unread']);
    expect(cluster?.results.at(-1)?.properties['omitted']).toBe('81');
    expect(cluster?.summary).toMatchObject({ fail: 180, skip: 1 });
    const pods = Array.from({ length: 70 }, (_one, index) => pod('shop', `pod-${index}`, half));
    const webs = pods.map((_one, index) =>
      workload('shop', 'Deployment', `web-${index}`, half, { uid: `web-${index}` }),
    );
    const first = longAgo(await publish([system, home, ...pods, ...webs]));
    expect(first.get('shop')?.results.at(-1)?.properties['omitted']).toBe('40');
    const second = await publish([system, home, ...pods], first, [deployments]);
    expect(second.get('shop')).toBe(first.get('shop'));
    const healed = (await publish([system, home], second, [deployments])).get('shop');
    expect([healed?.results.length, healed?.summary.fail]).toEqual([70, 70]);
    expect(
      healed?.results.every(({ timestamp, properties }) => timestamp === before && !('omitted' in properties)),
    ).toBe(true);
  });
});
