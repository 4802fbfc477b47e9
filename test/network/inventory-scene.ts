// Objects of one workload, and inventories of objects.
import { expect } from 'vitest';
import { createInventory, type Inventory } from '../../src/network/inventory.ts';

export const web = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ ports: [{ name: 'http', containerPort: 80 }] }] },
};
export const deployment = (more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { template: web, ...more },
});
export const pod = (name: string, more: { metadata?: object; spec?: object; status?: object } = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: 'web' }, ...more.metadata },
  spec: { ...web.spec, ...more.spec },
  status: { phase: 'Running', ...more.status },
});
export const ownedBy = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });

export function take(...objects: readonly unknown[]): Inventory {
  const taker = createInventory();
  for (const [index, object] of objects.entries()) expect(taker.add(object, `${index}.yaml:1`)).toEqual([]);
  return taker.take();
}

export function names(...objects: readonly unknown[]): readonly string[] {
  return [...take(...objects).podsByName.keys()];
}
