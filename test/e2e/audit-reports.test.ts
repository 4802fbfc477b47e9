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
import { inNamespace, type Manifest, namespace, pod, workload } from './objects.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const policyReports = 'config/crds/policyreport/wgpolicyk8s.io_policyreports.yaml';
const clusterPolicyReports = 'config/crds/policyreport/wgpolicyk8s.io_clusterpolicyreports.yaml';
const openReports = 'config/crd/openreports.io_reports.yaml';
const clusterReports = 'config/crd/openreports.io_clusterreports.yaml';

const sources = [
  {
    module: 'github.com/kyverno/kyverno',
    version: 'v1.19.1',
    sum: 'h1:/MkgFii3/VlQfKR1JpC9tVwNNVNQTt2S4U6qCsafsTU=',
    files: [policyReports, clusterPolicyReports],
  },
  {
    module: 'github.com/openreports/reports-api',
    version: 'v0.2.1',
    sum: 'h1:g9KS3yle9Y1elmww4TK9EkD1rl6inIaiIJPX6e+u680=',
    files: [openReports, clusterReports],
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
      await admin.run('apply -f -', inNamespace('shop', pod('web', {})), workload('Deployment', 'site', {}));
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
      [
        'policyreport',
        ['policyreports.wgpolicyk8s.io', join(kyverno, policyReports)],
        ['clusterpolicyreports.wgpolicyk8s.io', join(kyverno, clusterPolicyReports)],
      ],
      [
        'openreports',
        ['reports.openreports.io', join(openreports, openReports)],
        ['clusterreports.openreports.io', join(openreports, clusterReports)],
      ],
    ] as const)('as %s', (api, [resource, file], [clusterResource, clusterFile]) => {
      const install = async (path: string, served: string) => {
        await admin.run('apply --server-side -f -', parse(readFileSync(path, 'utf8')) as Manifest);
        const isServed = () =>
          admin.run(`get ${served} -A`).then(
            () => true,
            () => false,
          );
        await eventually('the CRD', isServed);
      };

      it('are accepted whole, and not written again', async () => {
        await install(file, resource);
        await configure(api);
        const first = await publish();
        expect([first.code, first.stderr]).toEqual([
          0,
          expect.stringMatching(
            new RegExp(
              `^note: \\d+ findings on objects without a namespace are in no report: .*${clusterResource}\\n$`,
            ),
          ),
        ]);
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

      it('have one of the cluster where its CRD is there, for Namespaces', async () => {
        await install(clusterFile, clusterResource);
        const { code, stdout, stderr } = await publish();
        expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(/^1 report written, \d+ as they were\n/), '']);
        const report = JSON.parse(await admin.run(`get ${clusterResource} ringfence-audit -o json`)) as PublishedReport;
        const ofShop = report.results.filter(({ resources }) => (resources[0] as { name?: string }).name === 'shop');
        expect(ofShop).toHaveLength(3);
        expect(ofShop[0]).toMatchObject({
          policy: 'required-labels',
          result: 'fail',
          resources: [{ kind: 'Namespace' }],
        });
        expect(report.results.flatMap((one) => one.resources).every((one) => 'uid' in one)).toBe(true);
        expect((await publish()).stdout).toMatch(/^0 reports written, /);
      });

      it('say what was not read, and keep what was found of it before', async () => {
        const ofShop = () => admin.run(`get ${resource} ringfence-audit -n shop -o jsonpath={.results}`);
        const before = await ofShop();
        expect(before).toContain('"kind":"Deployment","name":"site"');
        const role = readFileSync('manifests/audit/cluster-role.yaml', 'utf8');
        const rights = (text: string) => parseAllDocuments(text).map((one) => one.toJS() as Manifest);
        await admin.run('apply -f -', ...rights(role.replace('[deployments, ', '[')).slice(0, 1));
        const blind = async () => (await publish()).stderr.includes('you may not list deployments');
        await eventually('the right is gone', blind);
        expect((await publish()).stdout).toMatch(/^0 reports written, /);
        const report = JSON.parse(await admin.run(`get ${clusterResource} ringfence-audit -o json`)) as PublishedReport;
        const { uid } = (await admin.get('namespace kube-system')).metadata;
        expect(report.results[0]).toMatchObject({
          policy: 'unread',
          result: 'skip',
          message: expect.stringContaining('you may not list deployments') as string,
          resources: [{ kind: 'Namespace', name: 'kube-system', uid }],
        });
        expect(await ofShop()).toBe(before);
        await admin.run('apply -f -', ...rights(role).slice(0, 1));
        await eventually('the right is back', async () => !(await blind()));
      });
    });
  });
});
