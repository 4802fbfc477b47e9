import { describe, expect, it } from 'vitest';
import { namespacesNamedBy } from '../../src/admission/named-namespaces.ts';
import { validate } from '../../src/admission/validate.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import type { Mode } from '../../src/policy/mode.ts';
import { checksOf, fenced, identity, networkPolicy, request, setUp } from './scene.ts';

const peer = (...names: string[]) => ({
  namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: names }] },
});
const named = (...names: string[]) => ({ ingress: [{ from: [peer(...names)] }] });
const many = (count: number) => Array.from({ length: count }, (_, index) => `front-${index}`);

/**
 * Judges a policy of namespace `shop`, an API tier. The cache has heard that `front` is of tier
 * web; it is `tier` by now.
 */
async function judge(
  mode: Mode,
  { tier = 'data', spec = named('front'), before = undefined as object | undefined, silent = [] as string[] } = {},
) {
  const scene = setUp(mode);
  scene.cached.set('shop', readNamespace({ metadata: { name: 'shop', labels: { ...fenced } } }));
  for (const name of ['front', ...many(30)]) {
    scene.cluster.setNamespace(name, { ...fenced, tier });
    scene.cached.set(name, readNamespace({ metadata: { name, labels: { ...fenced, tier: 'web' } } }));
  }
  const reads: string[] = [];
  const verdict = await validate(
    request('NetworkPolicy', networkPolicy('own', identity, spec), {
      name: 'own',
      ...(before === undefined
        ? {}
        : { operation: 'UPDATE', oldObject: networkPolicy('own', identity, { ...before }) }),
    }),
    {
      ...scene.ports,
      async readNamespace(name) {
        reads.push(name);
        if (silent.includes(name)) throw new Error('no answer in 2000 ms');
        return scene.ports.readNamespace(name);
      },
    },
    scene.config,
    mode === 'enforce' ? 'enforced' : 'unenforced',
  );
  const { outcome, findings, message = '' } = verdict;
  return { outcome, checks: checksOf(findings), reads, message };
}

describe('the namespaces that a policy names', () => {
  it('are read live in enforce: what the cache has heard does not open them', async () => {
    expect(await judge('enforce')).toMatchObject({ outcome: 'denied', checks: ['flow-matrix'], reads: ['front'] });
    expect(await judge('enforce', { tier: 'web' })).toMatchObject({ outcome: 'allowed', reads: ['front'] });
  });

  it.each(['warn', 'observe'] as const)('are those of the cache in %s', async (mode) => {
    expect(await judge(mode)).toMatchObject({ outcome: 'allowed', reads: [] });
  });

  it('are a doubt where one cannot be read', async () => {
    const { outcome, message } = await judge('enforce', { spec: named('front', 'front-1'), silent: ['front-1'] });
    expect(outcome).toBe('denied');
    expect(message).toContain(
      'not decided: what it opens: namespace front-1 could not be read: no answer in 2000 ms  [flow-matrix]',
    );
  });

  it('are a doubt where there are more than are read, and none is read then', async () => {
    expect(await judge('enforce', { tier: 'web', spec: named(...many(20)) })).toMatchObject({ outcome: 'allowed' });
    const { outcome, message, reads } = await judge('enforce', { tier: 'web', spec: named(...many(21)) });
    expect({ outcome, reads }).toEqual({ outcome: 'denied', reads: [] });
    expect(message).toContain('not decided: what it opens: it names 21 namespaces, and at most 20 are looked at');
  });

  it('are not read again where an update leaves the specification as it was', async () => {
    expect(await judge('enforce', { before: named('front') })).toMatchObject({ reads: [] });
    expect(await judge('enforce', { before: named('front-1') })).toMatchObject({ outcome: 'denied', reads: ['front'] });
  });

  it('are not read where a policy names none but its own', async () => {
    expect(await judge('enforce', { spec: named('shop') })).toMatchObject({ outcome: 'allowed', reads: [] });
  });
});

describe('the namespaces that a NetworkPolicy names', () => {
  it.each<[string, unknown, readonly string[]]>([
    [
      'by an expression, all of them',
      { ingress: [{ from: [peer('a', 'b')] }], egress: [{ to: [peer('c')] }] },
      ['a', 'b', 'c'],
    ],
    [
      'by a label',
      { ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'a' } } }] }] },
      ['a'],
    ],
    [
      'not by exclusion',
      {
        ingress: [
          {
            from: [
              {
                namespaceSelector: {
                  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['a'] }],
                },
              },
            ],
          },
        ],
      },
      [],
    ],
    ['not by another label', { ingress: [{ from: [{ namespaceSelector: { matchLabels: { name: 'a' } } }] }] }, []],
    ['not in what is no specification', { ingress: 'x' }, []],
  ])('are those named %s', (_, spec, expected) => {
    expect([...namespacesNamedBy(spec)]).toEqual(expected);
  });
});
