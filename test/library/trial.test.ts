// From the end of its trial on, a namespace with the mark is not fenced, whoever asks.
import { describe, expect, it } from 'vitest';
import { check, type Manifest, plan, reach } from '../../src/library/library.ts';
import { sources } from '../house/sources.ts';

const end = '2026-03-01T12:15:00Z';
const before = Date.parse(end) - 1;
const after = Date.parse(end);

const identity = { env: 'prod', tier: 'api', team: 'shop' };
const own = { ...identity, expose: 'false' };

const namespace = (name: string, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { ...identity, 'ringfence.dev/fence': 'true' }, ...metadata },
});
const pod = (home: string, name: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: home, name, labels: { ...own, app: name } },
  spec: { containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 8080 }] }] },
});
const onTrial = namespace('shop', { annotations: { 'ringfence.dev/trial-until': end } });
const filesOf = (...objects: readonly object[]): readonly Manifest[] =>
  objects.map((object, index) => ({ file: `${index}.json`, text: JSON.stringify(object) }));
const world = filesOf(onTrial, pod('shop', 'web'), pod('shop', 'api'));
const question = { from: 'shop/web', to: 'shop/api', port: '8080' };

describe('a namespace on trial', () => {
  it.each([
    ['until its end: behind the baseline', before, 'denied'],
    ['from its end on: without the baseline', after, 'allowed'],
  ])('%s', async (_, now, verdict) => {
    expect(await reach(world, question, { now })).toMatchObject({ verdict });
  });

  it('gets egress policies that hold without its baseline too, once that is gone', async () => {
    const [env, ports] = [[{ name: 'API_URL', value: 'http://api:8080' }], [{ containerPort: 8080 }]];
    const labels = { ...own, app: 'web' };
    const web = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x', env, ports }] } },
      },
    };
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'api', namespace: 'shop' },
      spec: { selector: { app: 'api' }, ports: [{ port: 8080 }] },
    };
    const declared = filesOf(onTrial, web, pod('shop', 'api'), service);
    const egress = async (now: number) =>
      (await plan('shop', declared, { now })).networkPolicies.flatMap(({ spec }) => spec?.egress ?? []);
    const dns = { ports: expect.arrayContaining([expect.objectContaining({ port: 53 })]) };
    // Until the end the wall denies the flow already, so there is nothing to keep.
    expect(await egress(before)).toEqual([]);
    expect(await egress(after)).toContainEqual(expect.objectContaining(dns));
  });

  it('isolates nothing by itself after it, so that a policy has an effect again', async () => {
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'a', namespace: 'shop', labels: identity },
      spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [] },
    };
    const found = async (now: number, ...more: object[]) =>
      (await check(filesOf(policy, ...more), { cluster: filesOf(onTrial), now })).findings.map(({ check: id }) => id);
    expect(await found(before)).toEqual(['no-effect']);
    expect(await found(after)).toEqual([]);
    // A manifest of the namespace does not say when its trial ends; applying it changes nothing.
    expect(await found(after, namespace('shop'))).toEqual([]);
    expect(await found(before, namespace('shop'))).toEqual(['no-effect']);
  });

  // The guard is about the mark itself, and the inventory keeps an end that a manifest leaves out.
  it('is asked for by its namespace, and not by its mark alone', () => {
    const readers = sources.filter(({ room, text }) => room !== 'admission' && text.includes('.has(fenceMark)'));
    expect(readers.map(({ path }) => path)).toEqual(['src/judgement/inventory.ts']);
  });
});
