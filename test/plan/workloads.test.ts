import { describe, expect, it } from 'vitest';
import { createInventory } from '../../src/network/inventory.ts';
import { workloadNamedBy } from '../../src/plan/pod-names.ts';
import { createWorkloads, type SeenPod } from '../../src/plan/workloads.ts';
import { workload } from './manifests.ts';

const named = [
  { kind: 'deployment', name: 'web' },
  { kind: 'deployment', name: 'web-api' },
  { kind: 'statefulset', name: 'db' },
  { kind: 'daemonset', name: 'agent' },
  { kind: 'cronjob', name: 'report' },
  { kind: 'job', name: 'migrate' },
];

describe('the names that Kubernetes makes', () => {
  it.each<[string, string | undefined, string?]>([
    ['web-5d4f8c7b9-x2x7k', 'web'],
    ['web-api-5d4f8c7b9-x2x7k', 'web-api'],
    // Logs that were written by hand or made anonymous have letters that Kubernetes does not use.
    ['web-6f9ae8c5d-abcde', 'web'],
    ['web-5d4f8c7b9-aeiou', 'web'],
    ['web-6f9ae8c5d-*', 'web'],
    ['web-facade-abcde', undefined],
    ['web-v2-cache', undefined],
    ['report-29384756-abcde', 'report'],
    ['web-1234567890-x2x7k', 'web'],
    ['web-785*', 'web'],
    ['web-7857758574-*', 'web'],
    ['web-api-785*', 'web-api'],
    ['web-5d4f8c7b9', 'web', 'ReplicaSet'],
    ['web', 'web', 'Deployment'],
    ['web', undefined, 'StatefulSet'],
    ['db-0', 'db'],
    ['db-12', 'db'],
    ['db-*', 'db'],
    ['agent-x2x7k', 'agent'],
    ['agent-*', 'agent'],
    ['report-29384756-x2x7k', 'report'],
    ['report-29384756', 'report', 'Job'],
    ['migrate-x2x7k', 'migrate'],
    ['migrate-3-x2x7k', 'migrate'],
    ['migrate', 'migrate', 'Job'],
    ['web', undefined],
    ['website-5d4f8c7b9-x2x7k', undefined],
    ['web-debug', undefined],
    ['db-primary', undefined],
  ])('%s is of %s', (name, expected, between) => {
    expect(workloadNamedBy(name, named, between)?.name).toBe(expected);
  });
});

describe('the workload of a Pod in a log', () => {
  const objects = [
    workload('shop/web', 80, { labels: { part: 'web' } }),
    workload('shop/cart', 80, { selector: { app: 'cart', track: 'stable' } }),
    workload('shop/cart-canary', 80, { selector: { app: 'cart', track: 'canary' } }),
    workload('shop/wide', 80, { selector: { app: 'web' }, labels: { part: 'wide' } }),
    { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'bare', labels: { app: 'web' } }, spec: {} },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace: 'shop',
        name: 'odd-name',
        labels: { app: 'cart', track: 'stable' },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-5d4f8c7b9', controller: true }],
      },
      spec: {},
    },
  ];
  const taker = createInventory();
  const workloads = createWorkloads();
  for (const object of objects) {
    taker.add(object, 'here');
    workloads.add(object, 'shop');
  }
  const found = workloads.take(taker.take());

  const seen = (
    name: string | undefined,
    labels?: Readonly<Record<string, string>>,
    said?: SeenPod['workload'],
  ): SeenPod => ({
    namespace: 'shop',
    name,
    labels: labels && new Map(Object.entries(labels)),
    workload: said,
  });

  it.each<[string, SeenPod, string | undefined]>([
    ['by the owner of the Pod', seen('odd-name'), 'cart'],
    ['by its labels', seen(undefined, { app: 'cart', track: 'canary' }), 'cart-canary'],
    ['by its name, of two whose selectors select it', seen('web-5d4f8c7b9-x2x7k', { app: 'web' }), 'web'],
    ['by its name, of two others', seen('wide-5d4f8c7b9-x2x7k', { app: 'web' }), 'wide'],
    ['by its name without labels', seen('cart-canary-5d4f8c7b9-x2x7k'), 'cart-canary'],
    ['by what the log calls it', seen(undefined, undefined, { kind: 'Deployment', name: 'web' }), 'web'],
    ['by the ReplicaSet with its hash', seen('x', undefined, { kind: 'ReplicaSet', name: 'web-5d4f8c7b9' }), 'web'],
    ['not by a name that its labels contradict', seen('cart-5d4f8c7b9-x2x7k', { app: 'other' }), undefined],
    ['not if it is a bare Pod of the manifests', seen('bare', { app: 'web' }), undefined],
    ['not in another namespace', { ...seen('web-5d4f8c7b9-x2x7k'), namespace: 'other' }, undefined],
  ])('is found %s', (_, one, expected) => {
    expect(found.find(one)?.name).toBe(expected);
  });
});
