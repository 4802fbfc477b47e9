import { describe, expect, it } from 'vitest';
import type { Turns } from '../../src/admission/turns.ts';
import { validate } from '../../src/admission/validate.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import type { CachedPolicy } from '../../src/baseline/wall.ts';
import type { Mode } from '../../src/policy/mode.ts';
import { fenced, identity, namespace, networkPolicy, request, setUp, type Wire } from './scene.ts';

const peers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ podSelector: { matchLabels: { app: `a${index}` } } }));
const large = (count: number, name = 'large') => networkPolicy(name, identity, { ingress: [{ from: peers(count) }] });

/** Judges a policy of namespace `shop`, and says how often it asked for a turn. */
async function judge(object: Wire, mode: Mode, { others = [] as readonly object[], never = false } = {}) {
  const { ports, config, cached, policies } = setUp(mode);
  cached.set('shop', readNamespace({ metadata: { name: 'shop', labels: { ...fenced } } }));
  policies.set('shop', others as readonly CachedPolicy[]);
  let asked = 0;
  const turns: Turns = {
    take(tenant, steps) {
      asked += 1;
      return never ? Promise.resolve(undefined) : ports.turns.take(tenant, steps);
    },
  };
  const asking = request('NetworkPolicy', object, { name: 'large' });
  const verdict = await validate(asking, { ...ports, turns }, config, mode === 'enforce' ? 'enforced' : 'unenforced');
  return { verdict, asked };
}

describe('a NetworkPolicy that takes long to judge', () => {
  it('is judged in its turn, and a small one at once', async () => {
    expect((await judge(large(3), 'enforce')).asked).toBe(0);
    const { verdict, asked } = await judge(large(500), 'enforce');
    expect([verdict.outcome, asked]).toEqual(['allowed', 1]);
  });

  it('is also a small one beside large ones that nobody has read yet', async () => {
    const others = [{ ...large(500, 'other'), bytes: 200_000 }];
    const object = networkPolicy('large', identity, { ingress: [{ from: peers(2) }] });
    const { verdict, asked } = await judge(object, 'enforce', { others });
    expect([verdict.findings.map(({ check }) => check), asked]).toEqual([['no-effect'], 1]);
    expect((await judge(object, 'enforce', { others })).asked).toBe(0);
  });

  it.each<[Mode, string, boolean]>([
    ['enforce', 'denied', false],
    ['warn', 'warned', true],
    ['observe', 'allowed', false],
  ])('in %s is %s where its turn does not come', async (mode, outcome, isWarned) => {
    const { verdict } = await judge(large(500), mode, { never: true });
    const reason = 'not decided: what it opens: too many large NetworkPolicies are being judged; try again';
    expect(verdict).toMatchObject({ outcome, findings: [{ reason, undecided: true }] });
    expect(verdict.warnings.length > 0).toBe(isWarned);
    if (outcome === 'denied') expect(verdict.message).toContain(reason);
  });
});

describe('a namespace whose policies are too many to judge', () => {
  it.each<[Mode, string]>([
    ['enforce', 'denied'],
    ['warn', 'warned'],
  ])('in %s is %s where their turn does not come', async (mode, outcome) => {
    const { ports, config } = setUp(mode);
    const naming = networkPolicy('naming', identity, {}, { namespace: 'other' }) as unknown as CachedPolicy;
    const turns: Turns = { take: async () => undefined };
    const caches = { ...ports.caches, policiesNaming: () => [naming] };
    const asking = request('Namespace', namespace(fenced), { name: 'shop', namespace: '' });
    const verdict = await validate(asking, { ...ports, caches, turns }, config);
    expect(verdict.outcome).toBe(outcome);
    expect(verdict.findings.map(({ reason }) => reason)).toContain(
      'not decided: what the NetworkPolicies of this namespace, and those that name it, open: too many are being judged; try again',
    );
  });
});
