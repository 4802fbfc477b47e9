import { expect, it } from 'vitest';
import { namespace, networkPolicy, tier, workload } from './manifests.ts';
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

it('a forbidden flow is cut by the fence unless a policy allows it there, and keeps its fate', () => {
  const world = [tier('front', 'web'), tier('store', 'data'), workload('front/web', 8080), workload('store/db', 5432)];
  const seen = flow(pod('front/web-5d4f8c7b9-x2x7k'), pod('store/db-5d4f8c7b9-x2x7k'), 5432);
  const open = networkPolicy('store/open', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] });
  const isCut = (name: string, ...policies: object[]) =>
    planOf([...world, ...policies], name, [seen]).flows.map(({ fate, cutByFence }) => [fate, cutByFence]);
  expect(isCut('store')).toEqual([['forbidden', true]]);
  expect(isCut('store', open)).toEqual([['forbidden', false]]);
  // The fence of the other namespace cuts it at its source.
  expect(isCut('front', open)).toEqual([['forbidden', true]]);
});
