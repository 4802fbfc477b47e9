import { describe, expect, it } from 'vitest';
import { validate } from '../../src/admission/validate.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import type { CachedPolicy } from '../../src/baseline/wall.ts';
import type { Config } from '../../src/config/config.ts';
import { judgeStanding } from '../../src/judgement/standing.ts';
import { type Mode, modeLabel, modes } from '../../src/policy/mode.ts';
import { fenced, finish, identity, networkPolicy, request, setUp, type Wire } from '../admission/scene.ts';

const named = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});
const fromFront = networkPolicy('from-front', identity, { ingress: [{ from: [named('front')] }] });
const open = networkPolicy('open', identity, { ingress: [{}] });
const bare = networkPolicy('bare', {}, { ingress: [{ from: [{ podSelector: {} }] }] });
const wrong: readonly (readonly [string, Wire])[] = [
  ['one that names a namespace of another tier', fromFront],
  ['one that opens to everyone', open],
  ['one without labels', bare],
  ['one that is right', networkPolicy('right', identity, { ingress: [{ from: [{ podSelector: {} }] }] })],
];

/** The caches of a cluster in which `shop` is fenced, and `front` is a data tier. */
function sceneOf(mode: Mode, policies: readonly Wire[], shop: Readonly<Record<string, string>> = fenced) {
  const scene = setUp(mode);
  const views = { shop, front: { ...fenced, tier: 'data' } };
  for (const [name, labels] of Object.entries(views)) {
    scene.cluster.setNamespace(name, labels);
    scene.cached.set(name, readNamespace({ metadata: { name, labels } }));
  }
  scene.policies.set('shop', policies as unknown as readonly CachedPolicy[]);
  return scene;
}

function judged(policy: Wire, scene: ReturnType<typeof sceneOf>, config: Config = scene.config) {
  return finish(judgeStanding(policy as unknown as CachedPolicy, scene.ports.caches, config));
}

describe('a NetworkPolicy that exists', () => {
  describe.each(modes)('in %s', (mode) => {
    it.each(wrong)('gets the findings of its creation: %s', async (_, policy) => {
      const scene = sceneOf(mode, [policy]);
      const { name } = policy['metadata'] as { name: string };
      const verdict = await validate(request('NetworkPolicy', policy, { name }), scene.ports, scene.config);
      expect(judged(policy, scene)).toEqual({
        subject: { kind: 'NetworkPolicy', namespace: 'shop', name },
        findings: verdict.findings,
      });
    });
  });

  it('is judged by the mode of its namespace', () => {
    const scene = sceneOf('observe', [open], { ...fenced, [modeLabel]: 'enforce' });
    expect(judged(open, scene)?.findings).toContainEqual(
      expect.objectContaining({ action: 'deny', because: 'namespace' }),
    );
  });

  it('is judged by the labels that a named namespace has now', () => {
    const scene = sceneOf('enforce', [fromFront]);
    const checks = () => judged(fromFront, scene)?.findings.map(({ check, action }) => `${check} ${action}`);
    expect(checks()).toEqual(['flow-matrix deny']);
    scene.cached.set('front', readNamespace({ metadata: { name: 'front', labels: { ...fenced, tier: 'web' } } }));
    expect(checks()).toEqual([]);
  });

  it('has the labels that a creation would inherit', () => {
    const scene = sceneOf('enforce', [bare]);
    expect(judged(bare, scene)?.findings.map(({ check }) => check)).toEqual(Array(3).fill('required-labels'));
    expect(judged(bare, scene, { ...scene.config, inherit: true })?.findings).toEqual([]);
  });

  it.each<[string, Wire, (scene: ReturnType<typeof sceneOf>) => void]>([
    ['in a namespace that nobody has heard of', open, ({ cached }) => void cached.delete('shop')],
    [
      'in a namespace that ends',
      open,
      ({ cached }) => {
        const metadata = { name: 'shop', labels: fenced, deletionTimestamp: '2026-01-01T00:00:00Z' };
        cached.set('shop', readNamespace({ metadata }));
      },
    ],
    ['of the baseline', networkPolicy('deny-all-baseline', {}, { ingress: [{}] }), () => undefined],
    [
      'in an exempt namespace',
      networkPolicy('open', {}, { ingress: [{}] }, { namespace: 'kube-system' }),
      () => undefined,
    ],
  ])('is not judged %s', (_, policy, prepare) => {
    const scene = sceneOf('enforce', [policy]);
    scene.cached.set('kube-system', readNamespace({ metadata: { name: 'kube-system' } }));
    prepare(scene);
    expect(judged(policy, scene)).toBeUndefined();
  });

  it('under a name of the baseline is judged where there is no mark', () => {
    const scene = sceneOf('enforce', [], identity);
    const policy = networkPolicy('deny-all-baseline', identity, { ingress: [{}] });
    expect(judged(policy, scene)?.findings.map(({ action }) => action)).toContain('deny');
  });

  it('is said to be undecided, and not refused, if the cache does not hold it', () => {
    const scene = sceneOf('enforce', []);
    const left = { ...open, spec: {}, isLeftOut: { names: [] } };
    expect(judged(left, scene)?.findings).toMatchObject([{ check: 'readable', undecided: true, action: 'record' }]);
  });
});
