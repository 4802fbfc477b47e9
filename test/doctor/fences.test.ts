import { describe, expect, it } from 'vitest';
import { baselineParts } from '../../src/baseline/desired.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import { asOf, openSpec } from '../../src/baseline/trial.ts';
import { ApiError } from '../../src/cluster/api-error.ts';
import { namespacesInDoubt } from '../../src/doctor/baselines.ts';
import { examine } from '../../src/doctor/examinations.ts';
import { type Fences, lookAgain, readBaselines } from '../../src/doctor/fences.ts';
import { readFacts } from '../../src/doctor/read.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';
import { baselineOf, configOf, now } from './scene.ts';

const config = configOf();
const fenced = (name: string, uid = `uid-${name}`, trialUntil?: string): RawObject => ({
  metadata: {
    name,
    uid,
    labels: { 'ringfence.dev/fence': 'true' },
    ...(trialUntil === undefined ? {} : { annotations: { 'ringfence.dev/trial-until': trialUntil } }),
  },
});
const wallOf = (name: string) => baselineOf(name) as readonly RawObject[];

/** What a cluster holds. */
interface Cluster {
  namespaces: readonly RawObject[];
  policies: readonly RawObject[];
}

/** The lists of a cluster, which changes when `between` is called: after each list of policies. */
function listsOf(cluster: Cluster, between: () => void = () => undefined) {
  const asked: string[] = [];
  return {
    asked,
    async list(path: string, query: Readonly<Record<string, string>>, onObject: (raw: RawObject) => void) {
      const [selector = ''] = Object.values(query);
      asked.push(`${path} ${selector}`.trim());
      const [, inNamespace] = /\/namespaces\/([^/]+)\/networkpolicies$/.exec(path) ?? [];
      const named = selector.replace('metadata.name=', '');
      const isPolicies = path.endsWith('/networkpolicies');
      const all = isPolicies ? cluster.policies : path === '/api/v1/namespaces' ? cluster.namespaces : [];
      for (const one of all) {
        const { namespace, name } = one.metadata;
        if ((inNamespace ?? namespace) === namespace && (named === '' || named === name)) onObject(one);
      }
      if (isPolicies) between();
    },
  };
}

function fencesOf({ namespaces, policies }: Cluster): Fences {
  return { namespaces: namespaces.map((one) => asOf(readNamespace(one), now)), policies };
}

/** What seems wrong after a second look, if another cluster is there than the first look saw. */
async function doubtedAgain(seen: Cluster, there: Cluster, between?: () => void) {
  const lists = listsOf(there, between);
  const names = baselineParts(config).map(({ name }) => name);
  const policies = () => readBaselines(lists, names);
  const fences = await lookAgain(fencesOf(seen), { config, now, list: lists.list, policies });
  return { doubted: namespacesInDoubt(fences, config), fences, asked: lists.asked };
}

describe('a second look', () => {
  it('is not taken where nothing seems wrong', async () => {
    const cluster = { namespaces: [fenced('shop')], policies: wallOf('shop') };
    expect(await doubtedAgain(cluster, cluster)).toMatchObject({ doubted: [], asked: [] });
  });

  it('leaves what is wrong, by two calls for each namespace', async () => {
    const cluster = { namespaces: [fenced('shop'), fenced('bank')], policies: wallOf('bank') };
    const { doubted, asked } = await doubtedAgain(cluster, cluster);
    expect([doubted, asked]).toEqual([
      ['shop'],
      ['/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies', '/api/v1/namespaces metadata.name=shop'],
    ]);
  });

  it('forgets a namespace that is gone', async () => {
    const seen = { namespaces: [fenced('shop'), fenced('bank')], policies: wallOf('bank') };
    const { doubted, fences } = await doubtedAgain(seen, { namespaces: [fenced('bank')], policies: wallOf('bank') });
    expect([doubted, fences.namespaces.map(({ name }) => name)]).toEqual([[], ['bank']]);
  });

  it('sees the wall of a namespace that was made again', async () => {
    const seen = { namespaces: [fenced('shop', 'old')], policies: [] };
    const there = { namespaces: [fenced('shop', 'new')], policies: wallOf('shop') };
    expect((await doubtedAgain(seen, there)).doubted).toEqual([]);
  });

  it('sees it also if it is made again during the look', async () => {
    const seen = { namespaces: [fenced('shop', 'old')], policies: [] };
    const there: Cluster = { namespaces: [], policies: [] };
    const { doubted } = await doubtedAgain(seen, there, () =>
      Object.assign(there, { namespaces: [fenced('shop', 'new')], policies: wallOf('shop') }),
    );
    expect(doubted).toEqual([]);
  });

  it('forgets a namespace that is deleted during the look', async () => {
    const seen = { namespaces: [fenced('shop')], policies: [] };
    const there: Cluster = { ...seen };
    const { doubted } = await doubtedAgain(seen, there, () => Object.assign(there, { namespaces: [] }));
    expect(doubted).toEqual([]);
  });

  it('leaves a namespace whose baseline is still missing after it was made again', async () => {
    const there = { namespaces: [fenced('shop', 'new')], policies: [] };
    const { doubted } = await doubtedAgain({ namespaces: [fenced('shop', 'old')], policies: [] }, there);
    expect(doubted).toEqual(['shop']);
  });

  it('sees that a namespace was fenced again whose trial was over', async () => {
    const over = '2020-01-01T00:00:00Z';
    const seen = { namespaces: [fenced('shop', 'same', over)], policies: wallOf('shop') };
    expect(namespacesInDoubt(fencesOf(seen), config)).toEqual(['shop']);
    const there = { namespaces: [fenced('shop', 'same')], policies: wallOf('shop') };
    expect((await doubtedAgain(seen, there)).doubted).toEqual([]);
    const opened = { ...seen, policies: wallOf('shop').map((policy) => ({ ...policy, spec: openSpec })) };
    expect((await doubtedAgain(seen, opened)).doubted).toEqual([]);
  });

  it('lists all once if many seem wrong', async () => {
    const many = Array.from({ length: 50 }, (_, index) => fenced(`team-${index}`));
    const there = { namespaces: many.slice(0, 20), policies: wallOf('team-0') };
    const { doubted, asked } = await doubtedAgain({ namespaces: many, policies: [] }, there);
    expect(doubted).toHaveLength(19);
    expect(asked).toEqual([
      '/apis/networking.k8s.io/v1/networkpolicies metadata.name=deny-all-baseline',
      '/apis/networking.k8s.io/v1/networkpolicies metadata.name=allow-dns-egress',
      '/api/v1/namespaces',
    ]);
  });
});

describe('the doctor', () => {
  it('finds nothing missing in a namespace that is deleted between its two lists', async () => {
    const cluster: Cluster = { namespaces: [fenced('shop'), fenced('bank')], policies: wallOf('bank') };
    const { list } = listsOf(cluster, () => Object.assign(cluster, { namespaces: [fenced('bank')] }));
    const ports = {
      list,
      async get(path: string) {
        if (path === '/version') return { major: '1', minor: '36', gitVersion: 'v1.36.3' };
        throw new ApiError(`GET ${path}: 404`, { code: 404 });
      },
      config: async () => ({ config }),
      dial: () => Promise.reject(new Error('nobody is there')),
    };
    const facts = await readFacts(ports, { ownNamespace: 'ringfence-system', release: '0.1.0', now: () => now });
    expect(examine(facts).filter(({ examination }) => examination === 'baselines')).toEqual([
      expect.objectContaining({ status: 'clean', found: '1 fenced, and each has its baseline' }),
    ]);
  });
});
