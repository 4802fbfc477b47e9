// What readiness says of a rollout that has not ended, on a live cluster.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { readinessCommand } from '../../src/commands/readiness.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { deployment, podLabels } from '../admission/scene.ts';
import { paths } from '../api-server/address.ts';
import { createMemoryApi } from '../api-server/memory-api.ts';
import { serveMemoryApi } from './api-server.ts';
import { runCommand } from './run.ts';

const { expose: _, ...unexposed } = podLabels;

const schema: object = JSON.parse(
  readFileSync(new URL('../../schemas/readiness.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const uid = '705ab4f5-6393-11e8-b7cc-42010a800002';
const madeBy = (kind: string, name: string) => [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }];
const replicaSet = (template: Record<string, string>, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web-1', ownerReferences: madeBy('Deployment', 'web') },
  spec: { replicas, template: { metadata: { labels: template }, spec: {} } },
});
const store = (current: string, rest: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'store' },
  spec: { replicas: 1, template: { metadata: { labels: podLabels }, spec: {} }, ...rest },
  status: { currentRevision: current, updateRevision: 'store-2' },
});
const rolling = (partition: number) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } } });
const templateOf = (labels: Record<string, string>) => ({ template: { metadata: { labels }, spec: {} } });
const nightly = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'nightly' },
  spec: { jobTemplate: { spec: templateOf(podLabels) } },
};
const run = (status: object = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'nightly-1', ownerReferences: madeBy('CronJob', 'nightly') },
  spec: templateOf(unexposed),
  status,
});
const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'web', ownerReferences: madeBy('Deployment', 'web') },
  spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] },
};
const member = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'store-0',
    labels: { ...unexposed, 'controller-revision-hash': 'store-1' },
    ownerReferences: madeBy('StatefulSet', 'store'),
  },
  spec: {},
};
const leaving = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web-1-x',
    labels: unexposed,
    deletionTimestamp: '2026-11-29T12:00:00Z',
    ownerReferences: madeBy('ReplicaSet', 'web-1'),
  },
  spec: {},
};

const failed = { conditions: [{ type: 'Failed', status: 'True' }] };
const lower = 'lower the partition of the rolling update';

it.each([
  [
    'a ReplicaSet with Pods',
    [replicaSet(unexposed, 2)],
    ['ReplicaSet web-1', 'Deployment web', 'let the rollout end, and resume it if it is paused'],
  ],
  ['a ReplicaSet without Pods', [replicaSet(unexposed, 0)], undefined],
  ['a ReplicaSet that is right', [replicaSet(podLabels, 2)], undefined],
  [
    'a Pod below the partition of its StatefulSet',
    [store('store-1', rolling(1)), member],
    ['Pod store-0', 'StatefulSet store', lower],
  ],
  [
    'a Pod below the partition, from the first ordinal on',
    [
      store('store-1', { ordinals: { start: 1 }, ...rolling(1) }),
      { ...member, metadata: { ...member.metadata, name: 'store-1' } },
    ],
    ['Pod store-1', 'StatefulSet store', lower],
  ],
  ['a Pod that the rolling update has not reached', [store('store-1', rolling(0)), member], undefined],
  ['a Pod of the strategy OnDelete', [store('store-1', { updateStrategy: { type: 'OnDelete' } }), member], undefined],
  ['a Job that runs', [nightly, run()], ['Job nightly-1', 'CronJob nightly', 'let it end, or delete it']],
  ['a Job that has failed', [nightly, run(failed)], undefined],
  ['a Pod that is being deleted, of a ReplicaSet without Pods', [leaving], undefined],
  ['an old Pod of a StatefulSet that has rolled', [store('store-2', rolling(1)), member], undefined],
])('counts what is made again of an earlier template: %s', async (__, objects, left) => {
  const [object, workload, remedy] = left ?? [];
  const rollouts = left === undefined ? [] : [{ namespace: 'shop', object, workload, remedy }];
  const { code, answer } = await readiness(objects as readonly ReturnType<typeof store>[]);
  expect(answer).toMatchObject({ live: { refused: rollouts.length, rollouts } });
  expect(code).toBe(rollouts.length);
});

it('counts a NetworkPolicy that a workload controls by itself', async () => {
  const { code, answer } = await readiness([policy as unknown as ReturnType<typeof store>]);
  expect(answer).toMatchObject({ live: { refused: 1, rollouts: [] } });
  expect(code).toBe(1);
});

async function readiness(objects: readonly ReturnType<typeof store>[]) {
  const api = createMemoryApi();
  api.put(paths.namespace('shop'), { metadata: { labels: { env: 'prod', tier: 'api', team: 'shop' } } });
  for (const object of [deployment(podLabels) as ReturnType<typeof store>, ...objects]) {
    const { apiVersion, kind, metadata } = object;
    const base = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
    api.put(
      `${base}/namespaces/shop/${kind === 'NetworkPolicy' ? 'networkpolicies' : `${kind.toLowerCase()}s`}/${metadata.name}`,
      object,
    );
  }
  const command = [readinessCommand(readEnvironment({}))];
  const { code, stdout } = await runCommand(command, [
    'readiness',
    '-o',
    'json',
    '--kubeconfig',
    await serveMemoryApi(api),
  ]);
  const answer: unknown = JSON.parse(stdout);
  expect({ isValid: validate(answer), errors: validate.errors }).toMatchObject({ isValid: true });
  return { code, answer };
}
