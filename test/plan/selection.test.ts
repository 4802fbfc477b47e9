import { describe, expect, it } from 'vitest';
import { mergeConfig } from '../../src/config/merge.ts';
import { isLasting, passingLabels } from '../../src/plan/lasting-labels.ts';
import { createSelection, type PeerNaming, type PodTarget } from '../../src/plan/selection.ts';
import { defaults } from './scene.ts';

const namespaces = new Map([
  [
    'shop',
    new Map([
      ['env', 'prod'],
      ['tier', 'api'],
      ['team', 'shop'],
    ]),
  ],
  ['plain', new Map<string, string>()],
]);

type Labels = Readonly<Record<string, string>>;

function target(name: string, base: Labels, labels: Labels = {}, more: Partial<PodTarget> = {}): PodTarget {
  const all = new Map(Object.entries({ ...base, ...labels }));
  const own = new Map(Object.entries(base));
  return { kind: 'pods', namespace: 'shop', name, base: own, labels: all, workload: undefined, isPeer: false, ...more };
}

function selectionOf(residents: readonly PodTarget[] = [], naming: PeerNaming = 'name', config = defaults) {
  return createSelection(
    namespaces,
    Map.groupBy(residents, ({ namespace }) => namespace),
    naming,
    config,
  );
}

const tierOfPods = mergeConfig(
  { taxonomy: { tier: { agrees: false } } },
  { ownNamespace: 'ringfence-system', version: '0' },
);

describe('the selector law', () => {
  it.each<[string, PodTarget, readonly PodTarget[], object]>([
    [
      'the own matchLabels select a workload',
      target('cart', { app: 'cart' }, { extra: 'x' }),
      [],
      { matchLabels: { app: 'cart' } },
    ],
    [
      'labels that do not last never select',
      target('cart', { app: 'cart', 'pod-template-hash': 'x', version: 'v1' }),
      [],
      { matchLabels: { app: 'cart' } },
    ],
    [
      'without a selector, the labels that last select',
      target('job', {}, { app: 'job', 'job-name': 'job-1', 'batch.kubernetes.io/controller-uid': 'x' }),
      [],
      { matchLabels: { app: 'job' } },
    ],
    [
      'a label of the template tells workloads of one selector apart',
      target('cart', { app: 'shop' }, { part: 'cart', also: 'x' }),
      [target('pay', { app: 'shop' }, { part: 'pay', also: 'x' })],
      { matchLabels: { app: 'shop', part: 'cart' } },
    ],
    [
      'as a last resort, a label that only the others have',
      target('cart', { app: 'cart' }),
      [target('canary', { app: 'cart', track: 'canary' })],
      { matchLabels: { app: 'cart' }, matchExpressions: [{ key: 'track', operator: 'DoesNotExist' }] },
    ],
    [
      'a version in the own selector only if nothing else tells workloads apart',
      target('v1', { app: 'reviews', version: 'v1' }),
      [target('v2', { app: 'reviews', version: 'v2' })],
      { matchLabels: { app: 'reviews', version: 'v1' } },
    ],
    [
      'a hash never, even then',
      target('a', { app: 'a' }, { 'pod-template-hash': 'x' }),
      [target('b', { app: 'a' }, { 'pod-template-hash': 'y' })],
      { matchLabels: { app: 'a' } },
    ],
    ['a configured peer is meant whole', target('monitoring', {}, { app: 'prometheus' }, { isPeer: true }), [], {}],
    [
      "the tier is the namespace's, so it is not selected",
      target('cart', { app: 'cart' }, { tier: 'api' }),
      [],
      { matchLabels: { app: 'cart' } },
    ],
    [
      'the tier is selected where the namespace does not say it',
      target('cart', { app: 'cart' }, { tier: 'api', env: 'prod' }, { namespace: 'plain' }),
      [],
      { matchLabels: { app: 'cart', env: 'prod', tier: 'api' } },
    ],
  ])('%s', (_, one, others, expected) => {
    expect(selectionOf([one, ...others]).podSelector(one)).toEqual(expected);
  });

  it('selects by tier where the Pods of a namespace have several', () => {
    const one = target('cart', { app: 'cart' }, { tier: 'data' });
    expect(selectionOf([one], 'name', tierOfPods).podSelector(one)).toEqual({
      matchLabels: { app: 'cart', tier: 'data' },
    });
  });

  it('adds expose only where the outside is let in, and the template says it', () => {
    const one = target('web', { app: 'web' }, { expose: 'true' });
    expect(selectionOf([one]).podSelector(one, true)).toEqual({ matchLabels: { app: 'web', expose: 'true' } });
    expect(selectionOf([one]).podSelector(one, false)).toEqual({ matchLabels: { app: 'web' } });
    const hidden = target('web', { app: 'web' }, { expose: 'false' });
    expect(selectionOf([hidden]).podSelector(hidden, true)).toEqual({ matchLabels: { app: 'web' } });
  });

  it('selects nothing without a label that lasts', () => {
    expect(selectionOf().podSelector(target('x', { 'pod-template-hash': 'x' }))).toBeUndefined();
  });

  it('names peers by the namespace, or by its identity', () => {
    const one = target('cart', { app: 'cart' });
    expect(selectionOf([one]).peers(one, 'shop')).toEqual([{ podSelector: { matchLabels: { app: 'cart' } } }]);
    expect(selectionOf([one]).peers(one, 'plain')).toEqual([
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
        podSelector: { matchLabels: { app: 'cart' } },
      },
    ]);
    expect(selectionOf([one], 'identity').peers(one, 'plain')).toEqual([
      {
        namespaceSelector: { matchLabels: { env: 'prod', tier: 'api', team: 'shop' } },
        podSelector: { matchLabels: { app: 'cart' } },
      },
    ]);
    const unlabelled = target('x', { app: 'x' }, {}, { namespace: 'plain' });
    expect(selectionOf([unlabelled], 'identity').peers(unlabelled, 'shop')?.[0]?.namespaceSelector).toEqual({
      matchLabels: { 'kubernetes.io/metadata.name': 'plain' },
    });
    const peer = target('monitoring', {}, {}, { isPeer: true });
    expect(selectionOf([peer]).peers(peer, 'plain')).toEqual([
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } },
    ]);
  });
});

describe('labels that do not last', () => {
  it.each(passingLabels.flatMap(({ keys, prefixes = [] }) => [...keys, ...prefixes.map((prefix) => `${prefix}x`)]))(
    '%s',
    (key) => expect(isLasting(key)).toBe(false),
  );

  it.each(['app', 'app.kubernetes.io/name', 'app.kubernetes.io/component', 'k8s-app', 'tier', '__proto__'])(
    '%s lasts',
    (key) => expect(isLasting(key)).toBe(true),
  );
});
