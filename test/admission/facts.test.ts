import { describe, expect, it } from 'vitest';
import type { Hint } from '../../src/admission/doubt.ts';
import { gatherFacts, type NamespaceView } from '../../src/admission/facts.ts';
import type { NamespaceState } from '../../src/baseline/gate.ts';
import { type Mode, modes } from '../../src/policy/mode.ts';
import { configIn } from './scene.ts';

const labels = new Map([['env', 'prod']]);
const cachedLabels = new Map([['env', 'dev']]);
const cached = (fenced: boolean): NamespaceView => ({ labels: cachedLabels, fenced, terminating: false });
const seen = (wall: Extract<NamespaceState, { exists: true }>['wall'], fenced = true): NamespaceState => ({
  exists: true,
  labels,
  fenced,
  wall,
});

/**
 * Gathers the facts for the creation of a Pod, unless `options` differ. If `live` is an error, it
 * is thrown.
 */
async function gather(
  mode: Mode,
  live: NamespaceState | Error,
  cache: { readonly view?: NamespaceView; readonly walled?: boolean } = {},
  { hint, ...options }: { ensure: boolean; dryRun: boolean; hint?: Hint } = { ensure: true, dryRun: false },
) {
  const asked: object[] = [];
  const facts = await gatherFacts(
    'shop',
    { ...options, hint },
    {
      gate: {
        async facts(_, given) {
          asked.push(given);
          if (live instanceof Error) throw live;
          return live;
        },
      },
      caches: {
        namespace: () => cache.view,
        isWalled: () => cache.walled ?? false,
        networkPolicies: () => [],
        policiesNaming: () => [],
      },
    },
    configIn(mode),
  );
  return { facts, asked };
}

describe('gatherFacts', () => {
  it.each(['there', 'made', 'dry-run'] as const)('lets a Pod in where the wall is %s', async (wall) => {
    const { facts, asked } = await gather('enforce', seen(wall));
    const choice = { mode: 'enforce', source: 'cluster' };
    expect(facts).toEqual({ namespace: { known: true, labels, fenced: true }, choice, barred: undefined, wall });
    expect(asked).toEqual([{ ensure: true, dryRun: false }]);
  });

  it('lets a Pod into a namespace without the mark', async () => {
    const { facts } = await gather('enforce', seen('not-needed', false));
    expect(facts).toMatchObject({ namespace: { known: true, labels, fenced: false }, wall: 'not-needed' });
    expect(facts.barred).toBeUndefined();
  });

  it('bars a Pod from a fenced namespace that ends', async () => {
    const { facts } = await gather('enforce', seen('terminating'));
    expect(facts.barred).toBe('namespace shop is being deleted, and its baseline is not there any more');
  });

  it('bars nothing but Pods from a namespace that ends', async () => {
    const { facts } = await gather('enforce', seen('terminating'), {}, { ensure: false, dryRun: false });
    expect(facts.barred).toBeUndefined();
  });

  it.each<[string, NamespaceState | Error, string]>([
    ['the namespace is not there', { exists: false }, 'namespace shop was not found'],
    ['the gate is in doubt', new Error('no answer in 3 s'), 'no answer in 3 s'],
  ])('reports doubt, and never throws, where %s', async (_, live, reason) => {
    const { facts } = await gather('enforce', live);
    const choice = { mode: 'enforce', source: 'cluster' };
    expect(facts).toEqual({ namespace: { known: false, reason }, choice, barred: reason, wall: undefined });
  });

  it('never believes the cache in enforce', async () => {
    const { facts, asked } = await gather('enforce', seen('there'), { view: cached(true), walled: true });
    expect(facts.namespace).toMatchObject({ labels });
    expect(asked).toHaveLength(1);
  });

  it.each<[string, NamespaceView | undefined, boolean, boolean, number]>([
    ['an unfenced namespace is known', cached(false), false, true, 0],
    ['a fenced one is known, with its wall', cached(true), true, true, 0],
    ['a fenced one is known without its wall, and a Pod comes', cached(true), false, true, 1],
    ['a fenced one is known without its wall, and no Pod comes', cached(true), false, false, 0],
    ['nothing is known', undefined, false, true, 1],
  ])('outside of enforce, where %s, asks the gate as often as it must', async (_, view, walled, ensure, calls) => {
    for (const mode of modes.filter((one) => one !== 'enforce')) {
      const cache = view === undefined ? { walled } : { view, walled };
      const { asked, facts } = await gather(mode, seen('made'), cache, { ensure, dryRun: false });
      expect(asked).toHaveLength(calls);
      expect(facts.namespace).toMatchObject({ known: true, labels: calls === 0 ? cachedLabels : labels });
    }
  });

  it('hands a dry run on', async () => {
    const { asked } = await gather('enforce', seen('dry-run'), {}, { ensure: true, dryRun: true });
    expect(asked).toEqual([{ ensure: true, dryRun: true }]);
  });

  describe('the mode', () => {
    const moded = (mode: string): NamespaceView => ({
      labels: new Map([['ringfence.dev/mode', mode]]),
      fenced: true,
      terminating: false,
    });
    const live = (mode: string): NamespaceState => ({ exists: true, wall: 'there', ...moded(mode) });

    it.each<[string, Mode, string, Mode, 'cluster' | 'namespace']>([
      ['of the namespace goes before a stricter one of the cluster', 'enforce', 'warn', 'warn', 'namespace'],
      ['of the namespace goes before a milder one of the cluster', 'observe', 'enforce', 'enforce', 'namespace'],
      ['is that of the cluster where the label is none', 'warn', 'wran', 'warn', 'cluster'],
    ])('%s', async (_, cluster, own, mode, source) => {
      const { facts } = await gather(cluster, live(own), { view: moded(own), walled: true });
      expect(facts.choice).toEqual({ mode, source });
    });

    it('is read live where the cache says enforce, whatever the cluster does', async () => {
      const { asked } = await gather('observe', live('enforce'), { view: moded('enforce'), walled: true });
      expect(asked).toHaveLength(1);
    });

    it('of the cache is not believed where the API server asks by the entry of those that enforce', async () => {
      const options = { ensure: true, dryRun: false, hint: 'enforced' } as const;
      const { facts, asked } = await gather(
        'enforce',
        live('enforce'),
        { view: moded('observe'), walled: true },
        options,
      );
      expect(facts.choice).toEqual({ mode: 'enforce', source: 'namespace' });
      expect(asked).toHaveLength(1);
    });

    it('is asked afresh where the gate and that entry disagree: the wall does not carry it', async () => {
      const options = { ensure: true, dryRun: false, hint: 'enforced' } as const;
      const { facts, asked } = await gather('enforce', live('warn'), {}, options);
      expect(asked).toEqual([
        { ensure: true, dryRun: false },
        { ensure: true, dryRun: false, fresh: true, spentMs: expect.any(Number) },
      ]);
      expect(facts.choice.mode).toBe('warn');
    });

    it.each<[Mode, Hint, Mode]>([
      ['enforce', 'enforced', 'enforce'],
      ['enforce', undefined, 'enforce'],
      ['enforce', 'unenforced', 'warn'],
      ['observe', 'enforced', 'enforce'],
      ['observe', 'unenforced', 'observe'],
      ['warn', undefined, 'warn'],
    ])('in doubt in a cluster in %s, asked by the entry %s, is %s', async (cluster, hint, mode) => {
      const { facts } = await gather(cluster, new Error('no answer'), {}, { ensure: true, dryRun: false, hint });
      expect(facts.choice.mode).toBe(mode);
    });
  });
});
