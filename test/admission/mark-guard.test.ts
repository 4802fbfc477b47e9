import { describe, expect, it } from 'vitest';
import { validateNamespace } from '../../src/admission/namespace-review.ts';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { fenceMark, type Mode, modes } from '../../src/policy/mode.ts';
import { refusal } from '../api-server/object-store.ts';
import { checksOf, configIn, identity, namespace, request, setUp } from './scene.ts';

const open = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] };
const [wall, dns] = ['deny-all-baseline', 'allow-dns-egress'];

/** Sets the mark with this value on a namespace without a mark. */
async function mark(
  scene: ReturnType<typeof setUp>,
  value = 'true',
  before: Readonly<Record<string, string>> = identity,
) {
  scene.permitted.add('ada fence shop');
  const now = namespace({ ...identity, [fenceMark]: value }, 'shop');
  const review = request('Namespace', now, {
    name: 'shop',
    operation: 'UPDATE',
    oldObject: namespace(before, 'shop'),
    userInfo: { username: 'ada' },
  });
  return validateNamespace(review, scene.ports, scene.config, undefined);
}

describe('the mark on a namespace that holds a name of the baseline', () => {
  it.each(modes)(
    'is refused in %s where the object has another specification: it would be lost',
    async (mode: Mode) => {
      const scene = setUp(mode);
      scene.cluster.setPolicy('shop', dns, open);
      const { outcome, findings, message } = await mark(scene);
      expect([outcome, checksOf(findings)]).toEqual(['denied', ['baseline-guard']]);
      expect(message).toBe(
        `Namespace shop: 1 label keeps it out
  ringfence.dev/fence  NetworkPolicy allow-dns-egress exists with another specification, which would be lost; rename it, or run: ringfence fence shop --replace  [baseline-guard]`,
      );
    },
  );

  it('names both', async () => {
    const scene = setUp();
    for (const name of [wall, dns]) scene.cluster.setPolicy('shop', name, open);
    expect((await mark(scene)).findings).toHaveLength(2);
  });

  it('is let by where the value says that it may be replaced, where it is the baseline’s, and where there is none', async () => {
    const scene = setUp();
    expect(await mark(scene)).toMatchObject({ outcome: 'allowed' });
    for (const { metadata, spec } of desiredBaseline(
      { name: 'shop', labels: new Map(Object.entries(identity)) },
      configIn('enforce'),
    ))
      scene.cluster.setPolicy('shop', metadata.name ?? '', spec);
    expect(await mark(scene)).toMatchObject({ outcome: 'allowed' });
    scene.cluster.setPolicy('shop', wall, open);
    expect(await mark(scene, 'replace')).toMatchObject({ outcome: 'allowed' });
  });

  it('asks nothing where the mark was there, or is not put on', async () => {
    const scene = setUp();
    scene.cluster.setPolicy('shop', wall, open);
    expect(await mark(scene, 'yes', { ...identity, [fenceMark]: 'true' })).toMatchObject({ outcome: 'allowed' });
    expect(scene.cluster.calls).toEqual([]);
  });

  it.each<[Mode, string]>([
    ['enforce', 'denied'],
    ['warn', 'warned'],
    ['observe', 'allowed'],
  ])('in doubt is judged by the mode: %s', async (mode, expected) => {
    const scene = setUp(mode);
    scene.cluster.hooks.before = (call) => {
      if (call.endsWith(dns)) throw refusal(503);
    };
    const { outcome, findings } = await mark(scene);
    expect(outcome).toBe(expected);
    expect(findings).toMatchObject([
      {
        check: 'baseline-guard',
        undecided: true,
        reason: `not decided: whether NetworkPolicy ${dns} would be replaced: answered 503`,
      },
    ]);
  });
});
