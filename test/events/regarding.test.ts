import { describe, expect, it } from 'vitest';
import { claimOf } from '../../src/events/claim.ts';
import type { Occurrence } from '../../src/events/occurrence.ts';
import { findRegarding } from '../../src/events/regarding.ts';
import { refusal } from '../api-server/object-store.ts';
import { createEventsDouble, occurrence, reference } from './scene.ts';

/**
 * Returns the object of an Event, the namespace in which it is stored, and the calls that this
 * took.
 */
async function find(
  over: Partial<Occurrence>,
  change: (double: ReturnType<typeof createEventsDouble>) => void = () => undefined,
) {
  const double = createEventsDouble();
  change(double);
  const claim = claimOf(occurrence(over));
  const found = claim === undefined ? undefined : await findRegarding(claim, double.ports, {});
  return { ...found, calls: double.calls };
}

const webAt = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'uid-web' };
const shop = { apiVersion: 'v1', kind: 'Namespace', namespace: 'shop', name: 'shop', uid: 'uid-shop' };

describe('an Event stands on', () => {
  it('the Deployment of the ReplicaSet that made a Pod', async () => {
    const calls = ['get ReplicaSet web-7d4', 'get Deployment web'];
    expect(await find({})).toEqual({ object: webAt, namespace: 'shop', calls });
  });

  it('the CronJob of the Job that made a Pod', async () => {
    const object = { apiVersion: 'batch/v1', kind: 'CronJob', namespace: 'shop', name: 'nightly', uid: 'uid-nightly' };
    expect(await find({ owners: [reference('Job', 'nightly-1')] })).toMatchObject({ object, namespace: 'shop' });
  });

  it.each([
    ['a ReplicaSet that a Deployment makes', 'ReplicaSet', 'Deployment', 'web'],
    ['a Job that a CronJob makes', 'Job', 'CronJob', 'nightly'],
    ['a Pod that a StatefulSet makes', 'Pod', 'StatefulSet', 'db'],
  ])('the maker of %s', async (_, kind, owner, name) => {
    const found = await find({ kind, owners: [reference(owner, name)] });
    expect(found).toMatchObject({ object: { kind: owner, name }, namespace: 'shop' });
  });

  it('the ReplicaSet that nobody controls', async () => {
    const found = await find({}, ({ workloads }) => workloads.set('ReplicaSet shop/web-7d4', []));
    expect(found).toMatchObject({ object: { kind: 'ReplicaSet', name: 'web-7d4', uid: 'uid-web-7d4' } });
  });

  it.each([
    ['a Deployment that is not there', reference('Deployment', 'gone')],
    ['a Deployment of another uid', reference('Deployment', 'web', { uid: 'forged' })],
    ['what is above no ReplicaSet', reference('CronJob', 'nightly')],
    ['a kind of its own', reference('Rollout', 'web', { apiVersion: 'argoproj.io/v1alpha1' })],
  ])('the ReplicaSet whose controller is %s', async (_, controller) => {
    const found = await find({}, ({ workloads }) => workloads.set('ReplicaSet shop/web-7d4', [controller]));
    expect(found).toMatchObject({ object: { kind: 'ReplicaSet', name: 'web-7d4' } });
  });

  it.each([
    ['that is not there', reference('ReplicaSet', 'gone')],
    ['of another uid', reference('ReplicaSet', 'web-7d4', { uid: 'forged' })],
    ['of a kind of its own', reference('Rollout', 'web')],
  ])('the namespace, where the Pod names an owner %s', async (_, owner) => {
    expect(await find({ owners: [owner] })).toMatchObject({ object: shop, namespace: 'shop' });
  });

  it('the namespace, for what nobody made', async () => {
    expect(await find({ kind: 'NetworkPolicy', name: 'open', owners: undefined })).toEqual({
      object: shop,
      namespace: 'shop',
      calls: ['get Namespace shop'],
    });
  });

  it('the Namespace that the request is about', async () => {
    expect(await find({ kind: 'Namespace', name: 'shop', namespace: undefined })).toMatchObject({ object: shop });
  });

  it('a name alone, in the namespace default, where the Namespace was never created', async () => {
    const object = { apiVersion: 'v1', kind: 'Namespace', name: 'lab' };
    const calls = ['get Namespace lab'];
    expect(await find({ kind: 'Namespace', name: 'lab' })).toEqual({ object, namespace: 'default', calls });
  });

  it('nothing in a namespace that is gone or ends', async () => {
    expect(await find({ namespace: 'lab' })).toEqual({ calls: ['get ReplicaSet web-7d4', 'get Namespace lab'] });
    const ending = await find({ owners: [] }, ({ places }) =>
      places.set('shop', { uid: 'uid-shop', deletionTimestamp: '2026-01-01T00:00:00Z' }),
    );
    expect(ending).toEqual({ calls: ['get Namespace shop'] });
  });

  it('nothing that was guessed: no answer is an error', async () => {
    const silent = find({}, ({ hooks }) => {
      hooks.before = () => {
        throw refusal(0);
      };
    });
    await expect(silent).rejects.toMatchObject({ code: 0 });
  });
});
