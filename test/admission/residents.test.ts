import { describe, expect, it } from 'vitest';
import { countRefused } from '../../src/admission/residents.ts';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import { createBudget, reviewLimits } from '../../src/network/budget.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { configIn, deployment, fenced, identity, networkPolicy, pod, podLabels, setUp, type Wire } from './scene.ts';

type LabelMap = Readonly<Record<string, string>>;

const config = configIn('observe');
const lived = kinds.filter(({ scope }) => scope === 'Namespaced').map(({ resource }) => resource);
const owned = (object: Wire, owner: object): Wire => ({
  ...object,
  metadata: { ...(object['metadata'] as object), ownerReferences: [owner] },
});
const controller = { kind: 'Deployment', name: 'web', controller: true };

/** Counts in namespace `shop`. An error in place of a list is thrown for its resource. */
async function count(
  living: Readonly<Record<string, readonly unknown[] | Error>>,
  {
    labels = fenced as LabelMap,
    isWhole = true,
    policies = [] as readonly NetworkPolicy[],
    budget = createBudget(reviewLimits),
    isTrialOver = false,
  } = {},
) {
  const asked: string[] = [];
  const { caches, turns } = setUp().ports;
  const residents = {
    async list(namespace: string, { resource }: { readonly resource: string }) {
      asked.push(`${namespace}/${resource}`);
      const objects = living[resource] ?? [];
      if (objects instanceof Error) throw objects;
      return { objects, isWhole };
    },
  };
  const ports = { residents, turns, caches: { ...caches, networkPolicies: () => policies } };
  const counted = await countRefused(
    {
      name: 'shop',
      labels: new Map(Object.entries(labels)),
      fenced: fenceMark in labels && !isTrialOver,
      ...(isTrialOver ? { isTrialOver } : {}),
    },
    ports,
    config,
    budget,
  );
  return { counted, asked };
}

describe('what lives in a namespace and would be refused', () => {
  it('is looked for among every kind that is judged there, and no other', async () => {
    const { counted, asked } = await count({});
    expect(counted).toEqual([]);
    expect(asked).toEqual(lived.map((resource) => `shop/${resource}`));
  });

  it('is counted kind by kind, in the order of the kinds; a kind of which all is right is left out', async () => {
    const { counted } = await count({
      pods: [pod(podLabels), pod({}), pod({ ...podLabels, tier: 'data' }), pod(podLabels, { hostNetwork: true })],
      deployments: [deployment(podLabels)],
      cronjobs: [{ metadata: { name: 'nightly' }, spec: {} }],
      networkpolicies: [networkPolicy('open', identity, { ingress: [{}] }), networkPolicy('own', identity)],
    });
    expect(counted).toEqual([
      { resource: 'pods', count: 3, isWhole: true },
      { resource: 'cronjobs', count: 1, isWhole: true },
      { resource: 'networkpolicies', count: 1, isWhole: true },
    ]);
  });

  it('is judged as in a namespace that enforces, whatever the cluster does, by the labels that it will have', async () => {
    expect((await count({ pods: [pod(podLabels)] }, { labels: { ...fenced, tier: 'web' } })).counted).toHaveLength(1);
    // Without the mark, the node's network is not a reason for refusal.
    const onNode = [pod(podLabels, { hostNetwork: true })];
    expect((await count({ pods: onNode }, { labels: identity })).counted).toEqual([]);
  });

  it('is at least so much, where there is more than was read', async () => {
    expect((await count({ pods: [pod({})] }, { isWhole: false })).counted).toEqual([
      { resource: 'pods', count: 1, isWhole: false },
    ]);
  });

  it('is what cannot be read as its kind, too', async () => {
    const { counted } = await count({ pods: [null, 'pod', { metadata: { labels: [] } }], jobs: [{ spec: 'x' }] });
    expect(counted.map(({ resource, count: of }) => `${of} ${resource}`)).toEqual(['3 pods', '1 jobs']);
  });

  it.each<[string, string, Wire, number]>([
    ['a Pod of a ReplicaSet: it runs', 'pods', owned(pod({}), { ...controller, kind: 'ReplicaSet' }), 1],
    ['a Pod that is done: nobody makes it again', 'pods', { ...pod({}), status: { phase: 'Succeeded' } }, 0],
    ['a Pod that failed', 'pods', { ...pod({}), status: { phase: 'Failed' } }, 0],
    ['a Pod that waits', 'pods', { ...pod({}), status: { phase: 'Pending' } }, 1],
    ['a ReplicaSet of a Deployment: told with it', 'replicasets', owned(deployment({}), controller), 0],
    ['a ReplicaSet of its own', 'replicasets', deployment({}), 1],
    ['a ReplicaSet with an owner that does not control it', 'replicasets', owned(deployment({}), { kind: 'App' }), 1],
    ['a Job of a CronJob: told with it', 'jobs', owned(deployment({}), controller), 0],
  ])('counts %s', async (_, resource, object, expected) => {
    const { counted } = await count({ [resource]: [object] });
    expect(counted.map(({ count: of }) => of)).toEqual(expected === 0 ? [] : [expected]);
  });

  it('is not the baseline, which nobody refuses, labels or none', async () => {
    const baseline = desiredBaseline({ name: 'shop', labels: new Map() }, config);
    expect(baseline).toHaveLength(2);
    const labels = { 'ringfence.dev/fence': '' };
    expect((await count({ networkpolicies: baseline }, { labels })).counted).toEqual([]);
    // At the end of a trial it is opened, and no other object may take its names.
    expect((await count({ networkpolicies: baseline }, { labels, isTrialOver: true })).counted).toEqual([]);
    // Without the mark, these names are not special.
    expect((await count({ networkpolicies: baseline }, { labels: {} })).counted).toMatchObject([{ count: 2 }]);
  });

  it('of NetworkPolicies is judged beside the others that stand there', async () => {
    // `no-effect` only warns, so it is not counted.
    const open = networkPolicy('open', identity, { ingress: [{ from: [{ podSelector: {} }] }] });
    const again = { ...open, metadata: { ...(open['metadata'] as object), name: 'again' } };
    const policies = [open, again] as unknown as readonly NetworkPolicy[];
    expect((await count({ networkpolicies: [open, again] }, { policies })).counted).toEqual([]);
  });

  it('is not known of NetworkPolicies that are more than a review may judge', async () => {
    const policies = Array.from({ length: 20 }, (_, index) => networkPolicy(`p${index}`, identity, { ingress: [{}] }));
    const budget = createBudget({ ...reviewLimits, work: 200 });
    const { counted } = await count({ pods: [pod({})], networkpolicies: policies }, { budget });
    expect(counted).toEqual([
      { resource: 'pods', count: 1, isWhole: true },
      {
        resource: 'networkpolicies',
        count: 0,
        isWhole: false,
        problem: 'this review has looked at as much as it may',
      },
    ]);
  });

  it('is not known of NetworkPolicies that are more than is kept while they wait', async () => {
    const from = Array.from({ length: 1_500 }, () => ({ podSelector: { matchLabels: { app: 'a' } } }));
    const policies = Array.from({ length: 10 }, (_, index) =>
      networkPolicy(`p${index}`, identity, { ingress: [{ from }] }),
    );
    expect((await count({ networkpolicies: policies.slice(0, 2) })).counted).toEqual([]);
    expect((await count({ networkpolicies: policies })).counted).toMatchObject([
      { resource: 'networkpolicies', problem: 'this review has looked at as much as it may' },
    ]);
  });

  it('is not known of a kind whose list fails, and of that alone', async () => {
    const { counted } = await count({ pods: [pod({})], daemonsets: new Error('no answer in 2000 ms') });
    expect(counted).toEqual([
      { resource: 'pods', count: 1, isWhole: true },
      { resource: 'daemonsets', count: 0, isWhole: false, problem: 'no answer in 2000 ms' },
    ]);
  });
});
