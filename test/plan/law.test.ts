import { expect, it } from 'vitest';
import { namespace, tier, workload } from './manifests.ts';
import { flow, planOf, pod } from './scene.ts';

it('a flow from a namespace without identity labels is forbidden, and the reason names them', () => {
  const world = [tier('back', 'api'), workload('back/api', 9000)];
  const bare = [namespace('bare', { team: 'shop' }), workload('bare/job', 9000)];
  const [job, api] = [pod('bare/job-5d4f8c7b9-x2x7k'), pod('back/api-5d4f8c7b9-x2x7k')];
  const { flows } = planOf([...world, ...bare], 'back', [flow(job, api, 9000)]);
  expect(flows.map(({ fate, reason }) => [fate, reason])).toEqual([
    ['forbidden', expect.stringMatching(/^cross-environment: .*; namespace bare lacks env, tier$/)],
  ]);
});
