import { expect, it } from 'vitest';
import { refusal } from '../api-server/object-store.ts';
import { handClock } from '../hand-clock.ts';
import { installed, keeper } from './keeper-scene.ts';
import type { MemoryConfigurations } from './memory-configurations.ts';

const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'ringfence-webhooks', uid: 'r1' };
const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'ringfence-system', uid: 'u1' };
const kinds = ['Mutating', 'Validating'] as const;
const ownersIn = ({ objects }: MemoryConfigurations) =>
  kinds.map((kind) => objects.get(kind)?.metadata['ownerReferences']);

it('what an earlier release owned by its namespace gets the owner of this one', async () => {
  const { configurations } = await installed();
  expect(ownersIn(configurations)).toEqual([[namespace], [namespace]]);
  await keeper(configurations, handClock(), undefined, { owner: async () => role }).check();
  expect(ownersIn(configurations)).toEqual([[role], [role]]);
});

it('what is gone is made again with the owner as it is then, and not without one', async () => {
  const { configurations, clock } = await installed();
  let uid: string | undefined = 'r1';
  const owner = async () => {
    if (uid === undefined) throw new Error('gone');
    return { ...role, uid };
  };
  const kept = keeper(configurations, clock, undefined, { owner });
  await kept.check();
  // The garbage collector takes both with the role.
  configurations.objects.clear();
  uid = undefined;
  await expect(kept.check()).rejects.toThrow('gone');
  expect(configurations.objects.size).toBe(0);
  uid = 'r2';
  await kept.check();
  clock.move(1000);
  await kept.check();
  expect(ownersIn(configurations)).toEqual([[{ ...role, uid }], [{ ...role, uid }]]);
});

it('an owner that was made again while others saw it is read again, and not while it is gone', async () => {
  const { configurations, clock } = await installed();
  let uid: string | undefined = 'r1';
  const owner = async () => {
    if (uid === undefined) throw new Error('gone');
    return { ...role, uid };
  };
  const kept = keeper(configurations, clock, undefined, { owner });
  await kept.check();
  configurations.log.length = 0;
  // Another replica has seen the gap, and has made both for the new owner.
  for (const raw of configurations.objects.values()) raw.metadata['ownerReferences'] = [{ ...role, uid: 'r2' }];
  uid = undefined;
  for (let round = 0; round < 2; round += 1) await expect(kept.check()).rejects.toThrow('gone');
  uid = 'r2';
  await kept.check();
  expect(configurations.log).toEqual([]);
});

it('an owner that may not be changed stays, and the rest is repaired', async () => {
  const { configurations, clock } = await installed();
  const kept = keeper(
    configurations,
    clock,
    { caBundle: 'NEW', refreshed: undefined, version: '7' },
    {
      owner: async () => role,
    },
  );
  configurations.before = (verb, kind) => {
    const stored = configurations.objects.get(kind);
    if (verb === 'replace' && stored !== undefined && refuses)
      throw refusal(403, 'Forbidden', 'cannot set an ownerRef');
  };
  let refuses = true;
  await expect(kept.check()).rejects.toThrow('cannot set an ownerRef');
  expect(kept.said).toContain('the owner of the webhooks may not be changed');
  refuses = false;
  await kept.check();
  expect(ownersIn(configurations)).toEqual([[namespace], [namespace]]);
  expect(configurations.log).toEqual(['replace Mutating', 'replace Validating']);
});
