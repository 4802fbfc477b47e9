// Reports of an audit under the schemas of both projects, from Go modules, with the rights of
// manifests/audit.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { PublishedReport } from '../../src/audit/policy-report.ts';
import { describeWithSources } from '../control-plane/go-source.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { runCommand } from './command.ts';
import { applyConfiguration } from './configure.ts';
import { eventually } from './installation.ts';
import { inNamespace, type Manifest, namespace, pod } from './objects.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const policyReports = 'config/crds/policyreport/wgpolicyk8s.io_policyreports.yaml';
const openReports = 'config/crd/openreports.io_reports.yaml';

const sources = [
  {
    module: 'github.com/kyverno/kyverno',
    version: 'v1.19.1',
    sum: 'h1:/MkgFii3/VlQfKR1JpC9tVwNNVNQTt2S4U6qCsafsTU=',
    files: [policyReports],
  },
  {
    module: 'github.com/openreports/reports-api',
    version: 'v0.2.1',
    sum: 'h1:g9KS3yle9Y1elmww4TK9EkD1rl6inIaiIJPX6e+u680=',
    files: [openReports],
  },
];

await describeWithSources('published reports', sources, ([kyverno = '', openreports = '']) => {
  describeWithSharedControlPlane('of an audit', (controlPlane) => {
    let admin: Terminal;

    beforeAll(async () => {
      admin = openTerminal(controlPlane(), 'admin');
      await admin.run('create namespace ringfence-system');
      await admin.run('create configmap ringfence -n ringfence-system');
      await admin.run('apply -f -', namespace('shop', {}));
      await admin.run('apply -f -', inNamespace('shop', pod('web', {})));
      const rights = ['cluster-role', 'role'].flatMap((name) =>
        parseAllDocuments(readFileSync(`manifests/audit/${name}.yaml`, 'utf8')).map(
          (document) => document.toJS() as Manifest & { subjects?: unknown },
        ),
      );
      const subjects = [{ kind: 'User', name: 'keeper', apiGroup: 'rbac.authorization.k8s.io' }];
      await admin.run('apply -f -', ...rights.map((one) => (one.subjects === undefined ? one : { ...one, subjects })));
    });

    const configure = (reports: string) => applyConfiguration(controlPlane(), `reports: ${JSON.stringify(reports)}\n`);
    const publish = () => runCommand(controlPlane(), 'keeper', 'audit --publish');

    it('are not written where the configuration has none, or the CRD is not there', async () => {
      await configure('off');
      expect(await publish()).toMatchObject({ code: 2, stderr: expect.stringContaining('"reports" is off') as string });
      await configure('policyreport');
      expect(await publish()).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('does not serve policyreports.wgpolicyk8s.io') as string,
      });
    });

    describe.each([
      ['policyreport', 'policyreports.wgpolicyk8s.io', join(kyverno, policyReports)],
      ['openreports', 'reports.openreports.io', join(openreports, openReports)],
    ])('as %s', (api, resource, file) => {
      it('are accepted whole, and not written again', async () => {
        await admin.run('apply --server-side -f -', parse(readFileSync(file, 'utf8')) as Manifest);
        await eventually(
          'the CRD',
          async () =>
            await admin.run(`get ${resource} -A`).then(
              () => true,
              () => false,
            ),
        );
        await configure(api);
        const first = await publish();
        expect([first.code, first.stderr]).toEqual([0, '']);
        const read = async () =>
          JSON.parse(await admin.run(`get ${resource} ringfence-audit -n shop -o json`)) as PublishedReport;
        const report = await read();
        expect(report.results.length).toBeGreaterThan(1);
        expect(report.results[0]).toMatchObject({
          source: 'ringfence',
          result: 'fail',
          severity: 'high',
          category: 'Identity',
        });
        expect(report.results.flatMap((one) => one.resources).every((one) => 'uid' in one)).toBe(true);
        expect(report.results.every(({ timestamp }) => (timestamp?.seconds ?? 0) > 0)).toBe(true);
        expect((await publish()).stdout).toMatch(/^0 reports written, \d+ as they were\n/);
        expect((await read()).metadata.resourceVersion).toBe(report.metadata.resourceVersion);
      });
    });
  });
});
