import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { PublishedReport } from '../../src/audit/policy-report.ts';
import { ApiError } from '../../src/cluster/api-error.ts';
import { auditCommand } from '../../src/commands/audit.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { paths } from '../api-server/address.ts';
import { createMemoryApi, type MemoryApi } from '../api-server/memory-api.ts';
import { own } from '../audit/scene.ts';
import { serveMemoryApi, withVersion } from './api-server.ts';
import { runCommand } from './run.ts';

const { expose: _, ...half } = own;
const reports = '/apis/wgpolicyk8s.io/v1alpha2';
const rollout = '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web';

/** A cluster with a Rollout that enforce would refuse, whose discovery may fail. */
function openCluster() {
  const api = createMemoryApi();
  const { env, tier, team } = own;
  api.put(paths.namespace('kube-system'), {});
  api.put(paths.namespace('shop'), { metadata: { labels: { env, tier, team } } });
  api.put(rollout, { spec: { template: { metadata: { labels: half }, spec: { containers: [{ name: 'c' }] } } } });
  const fails = { discovery: false, rollouts: false };
  const { cluster } = withVersion(api);
  const served = { resource: 'rollouts', responseKind: { kind: 'Rollout' } };
  const request: typeof cluster.request = async (method, path, options) => {
    if (path === '/apis' && !fails.discovery)
      return {
        items: [{ metadata: { name: 'argoproj.io' }, versions: [{ version: 'v1alpha1', resources: [served] }] }],
      } as never;
    if (path.endsWith('/rollouts') && fails.rollouts) throw new ApiError('forbidden', { code: 403 });
    return cluster.request(method, path, options);
  };
  const asked: MemoryApi = { ...api, cluster: { ...api.cluster, request } };
  return { api, fails, asked };
}

function configuration(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-publish-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'ringfence.yaml');
  const workload = '{ group: argoproj.io, kind: Rollout, resource: rollouts, template: spec.template }';
  writeFileSync(
    file,
    `apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nreports: policyreport\nworkloads: [${workload}]\n`,
  );
  return file;
}

it.each([
  ['discovery fails', 'discovery', 'rollouts.argoproj.io are not in the audit: which kinds there are is not known'],
  [
    'a kind may not be listed',
    'rollouts',
    'rollouts.argoproj.io are not in the audit: you may not list rollouts.argoproj.io',
  ],
] as const)('a night in which %s says so, and keeps what it did not read', async (_night, what, sentence) => {
  const { api, fails, asked } = openCluster();
  const kubeconfig = await serveMemoryApi(asked);
  const file = configuration();
  const publish = () =>
    runCommand(
      [auditCommand(readEnvironment({}), '0.1.0')],
      ['audit', '--publish', '--kubeconfig', kubeconfig, '--config', file],
    );
  const ofShop = () => api.at(`${reports}/namespaces/shop/policyreports/ringfence-audit`);
  const ofCluster = () => api.at(`${reports}/clusterpolicyreports/ringfence-audit`) as PublishedReport | undefined;

  expect(await publish()).toEqual({ code: 0, stdout: '2 reports written, 0 as they were\n', stderr: '' });
  const before = ofShop() as unknown as PublishedReport;
  expect(before.results).toMatchObject([{ policy: 'required-labels', resources: [{ kind: 'Rollout', name: 'web' }] }]);

  fails[what] = true;
  const { code, stdout, stderr } = await publish();
  expect([code, stdout]).toEqual([0, '1 report written, 1 as they were\n']);
  expect(stderr).toContain(`note: overlooked: ${sentence}`);
  expect(ofShop()).toEqual(before);
  expect(ofCluster()?.results[0]).toMatchObject({
    policy: 'unread',
    result: 'skip',
    message: expect.stringContaining(sentence),
    resources: [{ kind: 'Namespace', name: 'kube-system' }],
  });

  fails[what] = false;
  expect(await publish()).toEqual({ code: 0, stdout: '1 report written, 1 as they were\n', stderr: '' });
  expect(ofCluster()?.results).toEqual([]);
  expect(ofShop()).toEqual(before);
});
