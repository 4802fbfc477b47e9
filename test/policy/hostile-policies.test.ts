import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkPolicySpec } from '../../src/kubernetes/network-policy.ts';
import { createBudget, reviewLimits } from '../../src/network/budget.ts';
import { neighbourOf } from '../../src/network/neighbour.ts';
import { readPolicy } from '../../src/network/read.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { isOpened, openedBy } from '../../src/policy/opened.ts';
import { readSubject } from '../../src/policy/subject.ts';
import { config, shop, subjectOf } from './minimal.ts';

describe('a specification of 1 MiB', () => {
  const list = <T>(length: number, make: (at: number) => T): T[] => Array.from({ length }, (_, at) => make(at));

  it.each<[string, unknown]>([
    ['peers', { ingress: [{ from: list(55_000, () => ({ podSelector: {} })) }] }],
    ['rules', { ingress: list(300_000, () => ({})) }],
    ['labels', { podSelector: { matchLabels: Object.fromEntries(list(85_000, (at) => [`k${at}`, 'v'])) } }],
    [
      'values',
      { podSelector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: list(120_000, String) }] } },
    ],
    [
      'exceptions',
      {
        ingress: [
          {
            from: [{ ipBlock: { cidr: '10.0.0.0/8', except: list(60_000, (at) => `10.${at >> 8}.${at & 255}.0/25`) } }],
          },
        ],
      },
    ],
  ])('is refused for its count of %s, unread', (_, spec) => {
    const { outcome, findings } = evaluate(
      checks,
      subjectOf('NetworkPolicy', { metadata: { name: 'policy', namespace: 'shop' }, spec }, shop),
      undefined,
      { mode: 'enforce', source: 'cluster' },
      config,
    );
    expect(outcome).toBe('denied');
    expect(findings.find(({ check }) => check === 'flow-matrix')?.reason).toMatch(
      /^not decided: too complex to judge: /,
    );
  });

  // Quadratic work would exceed the time limit of a test.
  it.each<[string, NetworkPolicySpec, NetworkPolicySpec]>([
    [
      'thousands of NotIn on one key',
      {
        podSelector: {
          matchExpressions: list(19_000, (at) => ({ key: 'team', operator: 'NotIn', values: [`${at}`] })),
        },
      },
      {},
    ],
    [
      'many blocks',
      { ingress: [{ from: list(1_800, (at) => ({ ipBlock: { cidr: `10.${at >> 8}.${at & 255}.0/25` } })) }] },
      {},
    ],
    [
      'many rules beside as many of another policy',
      { ingress: list(1_600, (at) => ({ from: [{ podSelector: { matchLabels: { app: `a${at}` } } }] })) },
      { ingress: list(1_600, (at) => ({ from: [{ podSelector: { matchLabels: { app: `a${1_599 - at}` } } }] })) },
    ],
  ])('is judged in time, where it counts less: %s', (_, spec, other) => {
    const read = readPolicy(other, { namespace: 'shop', name: 'other' });
    const policies = 'policy' in read ? [neighbourOf(read.policy)] : [];
    const object = { metadata: { name: 'policy', namespace: 'shop' }, spec };
    const subject = subjectOf('NetworkPolicy', object, shop, 'CREATE', {
      namespaceLabels: () => undefined,
      others: () => ({ policies }),
      budget: createBudget(reviewLimits),
    });
    expect(isOpened(openedBy(subject, config))).toBe(true);
    evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, config);
  });
});

describe('a hostile specification', () => {
  const judge = (spec: unknown): void => {
    const read = readSubject(
      'NetworkPolicy',
      { metadata: { name: 'hostile' }, spec },
      {
        operation: 'CREATE',
        namespace: 'shop',
        facts: shop,
        surroundings: {
          namespaceLabels: () => undefined,
          others: () => ({ policies: [] }),
          budget: createBudget(reviewLimits),
        },
      },
    );
    if ('kind' in read) evaluate(checks, read, undefined, { mode: 'enforce', source: 'cluster' }, config);
  };
  const anything = fc.anything({ withNullPrototype: true, withBigInt: false });

  it('is judged without a throw, whatever it is', () => {
    fc.assert(fc.property(anything, judge), { numRuns: 200 });
  });

  it('is judged without a throw, whatever stands in a field', () => {
    const list = fc.array(anything, { maxLength: 3 });
    const selector = fc.oneof(
      anything,
      fc.record(
        {
          matchLabels: anything,
          matchExpressions: fc.oneof(
            anything,
            fc.array(fc.record({ key: anything, operator: anything, values: list }), { maxLength: 2 }),
          ),
        },
        { requiredKeys: [] },
      ),
    );
    const peer = fc.oneof(
      anything,
      fc.record({ podSelector: selector, namespaceSelector: selector }),
      fc.record({ ipBlock: fc.record({ cidr: anything, except: list }) }),
    );
    const rule = fc.record({ from: fc.array(peer, { maxLength: 2 }), ports: list }, { requiredKeys: [] });
    const spec = fc.record(
      { podSelector: selector, policyTypes: list, ingress: fc.array(rule, { maxLength: 2 }), egress: anything },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(spec, judge), { numRuns: 300 });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('may select by a label named %s', (key) => {
    const peer = { namespaceSelector: { matchExpressions: [{ key, operator: 'In', values: [key] }] } };
    expect(() =>
      judge({ podSelector: { matchLabels: JSON.parse(`{"${key}":"x"}`) as object }, ingress: [{ from: [peer] }] }),
    ).not.toThrow();
  });
});
