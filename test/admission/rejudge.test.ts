import { describe, expect, it, vi } from 'vitest';
import { namespacesNamedBy } from '../../src/admission/named-namespaces.ts';
import { rejudge } from '../../src/admission/rejudge.ts';
import { validate } from '../../src/admission/validate.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import type { CachedPolicy } from '../../src/baseline/wall.ts';
import type { Config } from '../../src/config/config.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import { type Budget, type BudgetLimits, createBudget, reviewLimits } from '../../src/network/budget.ts';
import { fenceMark, type Mode, modeLabel } from '../../src/policy/mode.ts';
import { configIn, fenced, finish, identity, namespace, networkPolicy, request, setUp, type Wire } from './scene.ts';

type LabelMap = Readonly<Record<string, string>>;

const web = { ...fenced, tier: 'web' };
const data = { ...fenced, tier: 'data' };
const dev = { ...fenced, env: 'dev' };

const named = (...names: string[]) => ({
  namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: names }] },
});
/** Namespace `shop`, an API tier, admits traffic from namespace `front`. */
const fromFront = networkPolicy('from-front', identity, {
  ingress: [{ from: [named('front')] }],
}) as unknown as NetworkPolicy;
const own = (spec: Wire) => networkPolicy('own', identity, spec, { namespace: 'front' }) as unknown as NetworkPolicy;

/**
 * Returns the findings when namespace `front` gets labels, with `shop` and these policies in the
 * cache.
 */
function findingsOf(
  labels: LabelMap,
  before: LabelMap | undefined,
  policies: readonly NetworkPolicy[] = [fromFront],
  mode: Mode = 'enforce',
  {
    home = fenced,
    views: others = {},
    config = configIn(mode),
    budget = createBudget(reviewLimits),
    isTrialOver = false,
  }: {
    readonly home?: LabelMap | 'unknown';
    readonly views?: Readonly<Record<string, LabelMap>>;
    readonly config?: Config;
    readonly budget?: Budget;
    readonly isTrialOver?: boolean;
  } = {},
) {
  const known: Record<string, LabelMap> = { ...others };
  if (home !== 'unknown') known['shop'] = home;
  if (before !== undefined) known['front'] = before;
  const views = new Map(
    Object.entries(known).map(([name, own]) => [name, readNamespace({ metadata: { name, labels: own } })] as const),
  );
  const caches = {
    namespace: (name: string) => views.get(name),
    networkPolicies: (name: string) => policies.filter(({ metadata }) => metadata.namespace === name),
    policiesNaming: (name: string) => policies.filter((policy) => namespacesNamedBy(policy.spec).has(name)),
    isWalled: () => true,
  };
  const stateOf = (own: LabelMap) => ({ labels: mapOf(own), fenced: fenceMark in own && !isTrialOver });
  const subject = { name: 'front', ...stateOf(labels), before: before === undefined ? undefined : stateOf(before) };
  return finish(rejudge(subject, caches, { mode, source: 'cluster' }, config, budget)).map(
    ({ check, subject: key, action, reason }) => ({
      check,
      key,
      action,
      reason,
    }),
  );
}

const mapOf = (labels: LabelMap) => new Map(Object.entries(labels));

const opensData = {
  check: 'flow-matrix',
  key: 'tier',
  action: 'deny',
  reason:
    'with it NetworkPolicy shop/from-front (ingress[0].from[0]) opens data -> api; change that NetworkPolicy first, or choose another tier',
};

describe('the policies around a namespace', () => {
  it.each<[string, LabelMap, LabelMap | undefined, readonly unknown[]]>([
    ['created as a tier that may enter', web, undefined, []],
    ['created as one that may not', data, undefined, [opensData]],
    ['relabelled from one that may enter to one that may not', data, web, [opensData]],
    ['relabelled from one that may not enter to one that may', web, data, []],
    ['whose tier was wrong before and stays so', { ...data, team: 'store' }, data, []],
  ])('are judged again where it is %s', (_, labels, before, expected) => {
    expect(findingsOf(labels, before)).toEqual(expected);
  });

  it('are judged by both keys', () => {
    expect(findingsOf({ ...dev, tier: 'data' }, web).map(({ key }) => key)).toEqual(['env', 'tier']);
  });

  it('are found by any value outside the vocabulary where the namespace has none', () => {
    expect(findingsOf({}, undefined).map(({ check }) => check)).toEqual(['cross-environment', 'flow-matrix']);
  });

  it('may be its own: what they let in is then of another tier than it', () => {
    const fromApi = own({
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { env: 'prod', tier: 'api' } } }] }],
    });
    expect(findingsOf(web, fenced, [fromApi])).toEqual([
      {
        ...opensData,
        reason:
          'with it NetworkPolicy front/own (ingress[0].from[0]) opens api -> web; change that NetworkPolicy first, or choose another tier',
      },
    ]);
  });

  it('are not its own baseline, which is made anew under the mark', () => {
    const wide = { ...own({ ingress: [{}] }), metadata: { name: 'deny-all-baseline', namespace: 'front' } };
    expect(findingsOf(data, web, [wide])).toEqual([]);
    // At the end of a trial nothing is made anew.
    expect(findingsOf(data, web, [wide], 'enforce', { isTrialOver: true })).not.toEqual([]);
  });

  it('are only those peers that name it', () => {
    const spec = { ingress: [{ from: [named('front'), { namespaceSelector: {} }] }] };
    const both = networkPolicy('both', identity, spec) as unknown as NetworkPolicy;
    expect(findingsOf(data, web, [both]).map(({ reason }) => reason.slice(0, 58))).toEqual([
      'with it NetworkPolicy shop/both (ingress[0].from[0]) opens',
    ]);
  });

  it('are recorded in observe, and warned of in warn', () => {
    expect(findingsOf(data, web, [fromFront], 'observe')[0]?.action).toBe('record');
    expect(findingsOf(data, web, [fromFront], 'warn')[0]?.action).toBe('warn');
  });

  it.each<[Mode, Mode, string]>([
    ['observe', 'enforce', 'record'],
    ['warn', 'enforce', 'warn'],
    ['enforce', 'enforce', 'deny'],
    ['enforce', 'warn', 'warn'],
    ['enforce', 'observe', 'record'],
  ])(
    'are judged by the milder of two modes: their namespace is in %s, the one they name in %s',
    (home, mode, action) => {
      const found = findingsOf(data, web, [fromFront], mode, { home: { ...fenced, [modeLabel]: home } });
      expect(found).toEqual([{ ...opensData, action }]);
    },
  );

  it('say nothing where their namespace is exempt, and are judged where another is', () => {
    const exempt = (name: string) => ({ config: { ...configIn('enforce'), exemptNamespaces: [name] } });
    expect(findingsOf(data, undefined, [fromFront], 'enforce', exempt('shop'))).toEqual([]);
    expect(findingsOf(data, undefined, [fromFront], 'enforce', exempt('attic'))).toEqual([opensData]);
  });

  it('are a doubt where they are too complex to judge, though only one peer names the namespace', () => {
    const large = Array.from({ length: 3_000 }, (_, index) => ({ podSelector: { matchLabels: { app: `a${index}` } } }));
    const spec = { ingress: [{ from: [...large, named('front')] }] };
    const complex = networkPolicy('complex', identity, spec) as unknown as NetworkPolicy;
    const reason = expect.stringMatching(/^NetworkPolicy shop\/complex: not decided: too complex to judge: /);
    expect(findingsOf(data, undefined, [complex])).toEqual([{ ...opensData, reason }]);
    expect(findingsOf(data, undefined, [complex], 'warn')).toMatchObject([{ action: 'warn' }]);
    // The doubt existed before.
    expect(findingsOf(data, web, [complex])).toEqual([]);
  });

  it('are a doubt where they are more than a review may judge, and what was judged is found all the same', () => {
    const many = Array.from({ length: 10 }, (_, index) => ({
      ...fromFront,
      metadata: { ...fromFront.metadata, name: `p${index}` },
    }));
    const left = (count: number) =>
      `not decided: what ${count} NetworkPolicies of namespace shop open with it: this review has looked at as much as it may`;
    const reasons = (limits: Partial<BudgetLimits>, mode: Mode = 'enforce') =>
      findingsOf(data, undefined, many, mode, { budget: createBudget({ ...reviewLimits, ...limits }) });
    // A peer takes some 44 units.
    const found = reasons({ work: 150 });
    expect(found.map(({ reason }) => reason.startsWith('with it'))).toEqual([true, true, true, false]);
    expect(found.at(-1)).toEqual({ ...opensData, reason: left(7) });
    expect(reasons({ work: 150 }, 'observe').at(-1)?.action).toBe('record');
    expect(reasons({ memory: 1_600 }).map(({ reason }) => reason.startsWith('with it'))).toEqual([true, true, false]);
  });

  it('are a doubt where the policy is not kept', () => {
    const { spec: _, ...leftOut } = { ...fromFront, isLeftOut: { names: [] } };
    const reason =
      'not decided: what NetworkPolicy front/kept opens with it: namespace front has more NetworkPolicies than are kept';
    const policy = { ...leftOut, metadata: { name: 'kept', namespace: 'front' } } as CachedPolicy;
    expect(findingsOf(data, web, [policy])).toEqual([{ ...opensData, reason }]);
  });

  it('are not judged where no policy sees a change', () => {
    const spend = vi.fn(() => true);
    const budget = { policyWork: 40_000, takeWork: spend, takeMemory: () => true };
    const before = { ...web, 'example.com/note': 'a', [modeLabel]: 'observe' };
    expect(findingsOf({ ...web, 'example.com/note': 'b' }, before, [fromFront], 'enforce', { budget })).toEqual([]);
    expect(spend).not.toHaveBeenCalled();
    // One that asks for the label sees it.
    const noted = { 'kubernetes.io/metadata.name': 'front', 'example.com/note': 'b' };
    const asking = networkPolicy('asking', identity, {
      ingress: [{ from: [{ namespaceSelector: { matchLabels: noted } }] }],
    });
    const labels = { ...data, 'example.com/note': 'b' };
    const found = findingsOf(labels, { ...labels, 'example.com/note': 'a' }, [asking as unknown as NetworkPolicy]);
    expect(found).toHaveLength(1);
  });

  it('are a doubt where their namespace is not known', () => {
    const reason =
      'not decided: what NetworkPolicy shop/from-front opens with it: the labels of namespace shop are not known';
    expect(findingsOf(web, undefined, [fromFront], 'enforce', { home: 'unknown' })).toEqual([{ ...opensData, reason }]);
    expect(findingsOf(web, undefined, [fromFront], 'observe', { home: 'unknown' })).toMatchObject([
      { action: 'record' },
    ]);
  });

  it('are held against what they opened before flow by flow, though the text of both begins and ends alike', () => {
    const views = { a: { ...fenced, tier: 'web' }, b: { ...fenced, tier: 'api' } };
    const wide = networkPolicy('wide', identity, { ingress: [{ from: [named('a', 'b', 'front')] }] });
    const options = { home: { env: 'prod', team: 'shop' }, views };
    const found = (labels: LabelMap, before: LabelMap) =>
      findingsOf(labels, before, [wide as unknown as NetworkPolicy], 'enforce', options).map(({ reason }) => reason);
    // Both texts are: web -> data, web -> cache, api -> web and 3 more.
    expect(found({ ...fenced, tier: 'cache' }, data)).toEqual([
      'with it NetworkPolicy shop/wide (ingress[0].from[0]) opens cache -> web, cache -> api, cache -> data; change that NetworkPolicy first, or choose another tier',
    ]);
    expect(found({ ...data, team: 'store' }, data)).toEqual([]);
    expect(found(web, data)).toEqual([]);
  });

  it('keep the namespace out, and no manifest is shown to paste', async () => {
    const scene = setUp();
    scene.cached.set('shop', readNamespace(scene.cluster.setNamespace('shop', { ...fenced })));
    const caches = { ...scene.ports.caches, policiesNaming: () => [fromFront] };
    const verdict = await validate(
      request('Namespace', namespace(data, 'front'), { name: 'front' }),
      { ...scene.ports, caches },
      scene.config,
    );
    expect(verdict.message).toBe(`Namespace front: 1 label keeps it out\n  tier  ${opensData.reason}  [flow-matrix]`);
  });
});
