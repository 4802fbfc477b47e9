// Commands on a live cluster list the kinds that the configuration lists under `workloads`, or say
// that they could not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import { auditCommand } from '../../src/commands/audit.ts';
import { planCommand } from '../../src/commands/plan.ts';
import { readinessCommand } from '../../src/commands/readiness.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { podLabels } from '../admission/scene.ts';
import { paths } from '../api-server/address.ts';
import { createMemoryApi } from '../api-server/memory-api.ts';
import { type ServedKind, serveMemoryApi, withDiscovery, withVersion } from './api-server.ts';
import { runCommand } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'other-workloads-'));
afterAll(() => rmSync(folder, { recursive: true }));
const config = join(folder, 'config.yaml');
writeFileSync(
  config,
  [
    'apiVersion: ringfence.dev/v1alpha1',
    'kind: Configuration',
    'mode: observe',
    'workloads:',
    '  - { group: argoproj.io, kind: Rollout, resource: rollouts, template: spec.template }',
    '',
  ].join('\n'),
);

const rollouts: ServedKind = { group: 'argoproj.io', version: 'v1alpha1', resource: 'rollouts', kind: 'Rollout' };
const home = '/apis/argoproj.io/v1alpha1/namespaces/shop';
const ports = [{ containerPort: 8080 }];
const rollout = (labels: Record<string, string>) => ({
  spec: { replicas: 0, template: { metadata: { labels }, spec: { containers: [{ name: 'web', ports }] } } },
});

/** Namespace shop with a Rollout that has no Pod. */
function cluster(labels: Record<string, string> = { ...podLabels, app: 'web' }) {
  const api = createMemoryApi();
  api.put(paths.namespace('shop'), { metadata: { labels: { env: 'prod', tier: 'api', team: 'shop' } } });
  api.put(`${home}/rollouts/web`, rollout(labels));
  return api;
}

type Api = ReturnType<typeof cluster>;
const environment = readEnvironment({});
const run = async (command: Command, args: string, api: Api) =>
  runCommand(
    [command],
    [...args.split(' '), '--config', config, '-o', 'json', '--kubeconfig', await serveMemoryApi(withVersion(api))],
  );
const plan = (api: Api, more = '') => run(planCommand(environment), `plan shop${more}`, api);
const audit = (api: Api) => run(auditCommand(environment, '0.1.0'), 'audit', api);
const readiness = (api: Api) => run(readinessCommand(environment), 'readiness', api);

interface Answer {
  readonly notes: readonly { readonly id: string; readonly message: string }[];
}
const unlisted = ({ stdout }: { readonly stdout: string }) =>
  (JSON.parse(stdout) as Answer).notes.filter(({ id }) => id === 'kind-not-listed').map(({ message }) => message);

describe('a Rollout without a Pod', () => {
  it('is in the plan, with what its template declares', async () => {
    const answer = await plan(withDiscovery(cluster(), [rollouts]));
    expect(answer.stdout).toContain('rollout/web');
    expect(unlisted(answer)).toEqual([]);
  });

  it('is in the audit, and is not ready if enforce would refuse it', async () => {
    const { expose: _, ...unexposed } = podLabels;
    const api = withDiscovery(cluster(unexposed), [rollouts]);
    expect((await audit(api)).stdout).toContain('Rollout web');
    const { stdout, code } = await readiness(api);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'not-ready', live: { judged: 1, refused: 1 }, unread: [] });
    expect(code).toBe(1);
  });
});

describe.each<[string, (api: Api) => Api, string]>([
  ['discovery fails', (api) => api, 'which kinds there are is not known: '],
  [
    'their API server does not answer',
    (api) => withDiscovery(api, [{ ...rollouts, isStale: true }]),
    'the server of API group argoproj.io does not answer',
  ],
  [
    'they may not be listed',
    (api) => {
      api.world.before = (call) => {
        if (call === 'LIST rollouts') throw new ApiError(`${call}: forbidden`, { code: 403 });
      };
      return withDiscovery(api, [rollouts]);
    },
    'you may not list rollouts.argoproj.io',
  ],
])('if %s', (_, change, why) => {
  it('the plan names the kind, and --strict fails', async () => {
    const said = `rollouts.argoproj.io are not read, so flows that they declare are missing: ${why}`;
    const answer = await plan(change(cluster()), ' --strict');
    expect(unlisted(answer)).toEqual([expect.stringContaining(said)]);
    expect(answer.code).toBe(1);
  });

  it('the audit names the kind', async () => {
    const said = `rollouts.argoproj.io are not in the audit: ${why}`;
    expect(unlisted(await audit(change(cluster())))).toEqual([expect.stringContaining(said)]);
  });

  it('readiness is not decided', async () => {
    const said = `rollouts.argoproj.io are not in the audit: ${why}`;
    const { stdout, code } = await readiness(change(cluster()));
    expect(JSON.parse(stdout)).toMatchObject({ state: 'undecided', unread: [expect.stringContaining(said)] });
    expect(code).toBe(2);
  });
});

it('a kind that the API server does not serve has no objects, and no note', async () => {
  const api = withDiscovery(cluster(), []);
  const planned = await plan(api, ' --strict');
  expect([planned.code, unlisted(planned), unlisted(await audit(api))]).toEqual([0, [], []]);
  expect(await readiness(api)).toMatchObject({ code: 0 });
});
