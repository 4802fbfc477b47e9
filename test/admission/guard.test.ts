import { describe, expect, it } from 'vitest';
import { guardBaseline } from '../../src/admission/guard.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import type { Verdict } from '../../src/admission/verdict.ts';
import { desiredAllowDns, desiredBaseline, desiredDenyAll } from '../../src/baseline/desired.ts';
import { optionalNames } from '../../src/baseline/names.ts';
import { fenceMark, type Mode } from '../../src/policy/mode.ts';
import { configWithParts } from '../baseline/parts.fixture.ts';
import { configIn, fenced, identity, networkPolicy, request, setUp, type Wire } from './scene.ts';

const config = configIn('enforce');
const shop = { name: 'shop', labels: new Map(Object.entries(identity)) };
const denyAll = { ...desiredDenyAll(shop, config) } as unknown as Wire;
const allowDns = { ...desiredAllowDns(shop, config) } as unknown as Wire;
const closed = { policyTypes: ['Ingress', 'Egress'] };
const name = 'deny-all-baseline';
const owner = { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'x' }] };

type Scene = ReturnType<typeof setUp>;

function guard(scene: Scene, object: unknown, more: Partial<AdmissionRequest> = {}): Promise<Verdict | undefined> {
  return guardBaseline(request('NetworkPolicy', object, { name, ...more }), scene.ports, scene.config);
}
const removal: Partial<AdmissionRequest> = { operation: 'DELETE', object: null, oldObject: denyAll };

describe('the guard of the baseline', () => {
  it.each<[string, Wire, Partial<AdmissionRequest>?]>([
    ['another name', networkPolicy('web', identity, { ingress: [{}] }), { name: 'web' }],
    ['a name that only begins like a reserved one', networkPolicy(`${name}-2`), { name: `${name}-2` }],
  ])('has nothing to say of %s', async (_, object, more) => {
    const scene = setUp();
    expect(await guard(scene, object, more)).toBeUndefined();
    expect(scene.cluster.calls).toEqual([]);
  });

  it.each(Object.values(optionalNames))('guards %s only while the configuration has it', async (part) => {
    const own = networkPolicy(part, identity, { ingress: [{}] });
    expect(await guard(setUp(), own, { name: part })).toBeUndefined();
    const scene = { ...setUp(), config: { ...configWithParts(), mode: 'enforce' } as const };
    expect(await guard(scene, own, { name: part })).toMatchObject({ outcome: 'denied' });
    const [desired] = desiredBaseline(shop, scene.config).filter(({ metadata }) => metadata.name === part);
    expect(await guard(scene, { ...desired }, { name: part })).toMatchObject({ outcome: 'allowed' });
  });

  it('takes expose: "true" on the part that lets the outside in, and nowhere else', async () => {
    const scene = { ...setUp(), config: configWithParts() };
    for (const { metadata, ...rest } of desiredBaseline(shop, scene.config)) {
      const labels = { ...metadata.labels, expose: 'true' };
      const verdict = await guard(scene, { ...rest, metadata: { ...metadata, labels } }, { name: metadata.name ?? '' });
      expect([metadata.name, verdict?.outcome]).toEqual([
        metadata.name,
        metadata.name === optionalNames.ingress ? 'allowed' : 'denied',
      ]);
    }
  });

  it('has nothing to say of a namespace without the mark, whose policies the checks judge', async () => {
    const scene = setUp();
    scene.cluster.setNamespace('shop', identity);
    expect(await guard(scene, networkPolicy(name, identity, { ingress: [{}] }))).toBeUndefined();
    expect(await guard(scene, null, removal)).toMatchObject({ outcome: 'allowed', findings: [] });
  });

  it.each<[string, Wire]>([
    ['the desired deny-all', denyAll],
    ['the desired DNS rule', allowDns],
    ['one without the lists that the API server fills in', networkPolicy(name, identity, closed)],
    ['one without labels: they are filled in later', networkPolicy(name, null, closed)],
    ['one with labels of its own', networkPolicy(name, { ...identity, app: 'x' }, closed)],
  ])('admits %s', async (_, object) => {
    const scene = setUp();
    expect(await guard(scene, object)).toMatchObject({ outcome: 'allowed', findings: [] });
    expect(scene.asked).toEqual([]);
  });

  it.each<[string, Wire, string, string]>([
    [
      'opens everything',
      networkPolicy(name, identity, { ...closed, ingress: [{}] }),
      'spec',
      'not the specification of the baseline',
    ],
    ['isolates only one direction', networkPolicy(name), 'spec', 'not the specification of the baseline'],
    ['has no specification', { metadata: { name } }, 'spec', 'not the specification of the baseline'],
    [
      'claims another tier',
      networkPolicy(name, { ...identity, tier: 'data' }, closed),
      'metadata.labels.tier',
      "tier=data is not the namespace's",
    ],
    [
      'claims what the namespace does not say',
      networkPolicy(name, { ...identity, sensitivity: 'low' }, closed),
      'metadata.labels.sensitivity',
      "sensitivity=low is not the namespace's",
    ],
    [
      'has an owner that may not exist',
      networkPolicy(name, identity, closed, owner),
      'metadata.ownerReferences',
      'an owner would have the garbage collector delete it',
    ],
    ['has labels that are a list', networkPolicy(name, [], closed), 'metadata.labels', 'not labels'],
  ])('refuses one that %s, at creation and update', async (_, object, field, reason) => {
    const scene = setUp();
    for (const operation of ['CREATE', 'UPDATE'] as const) {
      const verdict = await guard(scene, object, { operation });
      expect(verdict?.outcome).toBe('denied');
      expect(verdict?.findings).toMatchObject([
        { check: 'baseline-guard', field, reason: `${field}: ${reason}`, action: 'deny' },
      ]);
      expect(verdict?.message).toContain(`(${field}: ${reason})`);
    }
  });

  it('tells who creates one to take another name, and who may need it what to ask for', async () => {
    const verdict = await guard(setUp(), networkPolicy(name));
    expect(verdict?.message).toBe(
      `NetworkPolicy shop/deny-all-baseline: this name is reserved for the baseline of a fenced namespace (spec: not the specification of the baseline)  [baseline-guard]
Give your NetworkPolicy another name: policies add up, so it allows what it allows under any name.
To change it all the same dev would need a permission.
Needed: the verb "breach" on fences.ringfence.dev named "shop"
Granted by a ClusterRole, bound by a ClusterRoleBinding, with
  rules:
  - {apiGroups: [ringfence.dev], resources: [fences], verbs: [breach], resourceNames: ["shop"]}`,
    );
  });

  it.each<Mode>(['observe', 'warn', 'enforce'])('refuses its deletion in %s as well', async (mode) => {
    const scene = setUp(mode);
    expect(await guard(scene, null, removal)).toMatchObject({ outcome: 'denied', findings: [{ found: 'DELETE' }] });
    expect(scene.asked).toEqual(['breach fences/shop']);
  });

  it('finds the name in the object where the request has none: a deletecollection', async () => {
    expect(await guard(setUp(), null, { ...removal, name: '' })).toMatchObject({ outcome: 'denied' });
  });

  it('lets one who holds breach, and warns that it is put back', async () => {
    const scene = setUp();
    scene.permitted.add('dev breach shop');
    const verdict = await guard(scene, null, removal);
    expect(verdict).toMatchObject({ outcome: 'warned', findings: [{ check: 'baseline-guard', action: 'warn' }] });
    expect(verdict?.warnings).toEqual([
      'NetworkPolicy shop/deny-all-baseline: breached by permission; put back while the namespace carries the fence mark',
    ]);
  });

  it.each([true, false])(
    'tells no breach of a creation that ends in AlreadyExists: the object is there: %s',
    async (isThere) => {
      const scene = setUp();
      scene.permitted.add('dev breach shop');
      const open = networkPolicy(name, identity, { ingress: [{}] });
      if (isThere) scene.cluster.setPolicy('shop', name, denyAll['spec']);
      const answered = await scene.answer(request('NetworkPolicy', open, { name }));
      expect(answered).toMatchObject({ allowed: true });
      const breach = 'breach fences/shop';
      expect([scene.told, scene.audited.map(({ permissions }) => permissions)]).toEqual(
        isThere ? [[], [undefined]] : [[`warned ${breach}`], [[breach]]],
      );
      expect(answered.warnings ?? []).toHaveLength(isThere ? 0 : 1);
    },
  );

  it('tells a breach rather than none where it cannot see whether the object is there', async () => {
    const scene = setUp();
    scene.permitted.add('dev breach shop');
    scene.cluster.hooks.before = (call) => {
      if (call === `get shop/${name}`) throw new Error('no answer');
    };
    const open = networkPolicy(name, identity, { ingress: [{}] });
    expect(await guard(scene, open)).toMatchObject({ outcome: 'warned', permissions: ['breach fences/shop'] });
  });

  it('refuses a creation whether the object is there or not, where the permission is missing', async () => {
    const scene = setUp();
    scene.cluster.setPolicy('shop', name, denyAll['spec']);
    expect(await guard(scene, networkPolicy(name, identity, { ingress: [{}] }))).toMatchObject({ outcome: 'denied' });
  });

  it('keeps the baseline of a namespace that ends for as long as a Pod is in it', async () => {
    const scene = setUp();
    scene.cluster.setNamespace('shop', fenced, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    scene.pods.set('shop/web', {});
    const kept = await guard(scene, null, removal);
    expect(kept?.message).toMatch(
      /^NetworkPolicy shop\/deny-all-baseline: it stays until the last Pod of namespace shop is gone;/,
    );
    scene.pods.clear();
    expect(await guard(scene, null, removal)).toMatchObject({ outcome: 'allowed', findings: [] });
  });

  it.each<[Mode, string]>([
    ['enforce', 'denied'],
    ['warn', 'warned'],
    ['observe', 'allowed'],
  ])('in %s a namespace that cannot be read is a finding that is %s', async (mode, outcome) => {
    const scene = setUp(mode);
    scene.cluster.hooks.before = () => {
      throw new Error('no answer');
    };
    const verdict = await guard(scene, denyAll);
    expect(verdict).toMatchObject({ outcome, findings: [{ undecided: true }] });
    expect(verdict?.findings[0]?.reason).toBe('not decided: whether namespace shop is fenced: no answer');
  });

  it.each<Mode>(['observe', 'enforce'])('in %s it refuses where the API server does not say who may', async (mode) => {
    const scene = setUp(mode);
    const ports = { ...scene.ports, isAllowed: () => Promise.reject(new Error('no answer')) };
    const verdict = await guardBaseline(request('NetworkPolicy', null, { ...removal, name }), ports, scene.config);
    expect(verdict).toMatchObject({ outcome: 'denied', findings: [{ undecided: true }] });
    expect(verdict?.message).toContain('whether dev may breach the fence of shop: no answer');
  });

  it('asks the mark, not its value', async () => {
    const scene = setUp();
    scene.cluster.setNamespace('shop', { ...identity, [fenceMark]: 'false' });
    expect(await guard(scene, null, removal)).toMatchObject({ outcome: 'denied' });
  });
});
