import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { config } from '../policy/minimal.ts';

const load = (text: string, file = 'a.yaml') => parseManifest(text, file).documents;
const namespace = (name: string, labels: Record<string, unknown> = { env: 'prod' }) =>
  `${JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })}\n---\n`;

function facts(name: string | undefined, manifests: string, given = '') {
  const inventory = takeInventory(
    load(manifests),
    { cluster: load(given, 'given.yaml'), defaultNamespace: undefined, now: 0 },
    config,
  );
  const found = inventory.namespaceFacts(name);
  return found.known ? { labels: Object.fromEntries(found.labels), fenced: found.fenced } : found.reason;
}

describe('the facts of a namespace', () => {
  const named = (name: string) => ({ env: 'prod', 'kubernetes.io/metadata.name': name });
  const mark = { 'ringfence.dev/fence': 'true' };

  it('of a new one: its labels, its name, and the mark that it will have', () => {
    expect(facts('shop', namespace('shop'))).toEqual({ labels: { ...named('shop'), ...mark }, fenced: true });
  });

  it('of one that the cluster has: fenced only where it carries the mark', () => {
    expect(facts('shop', '', namespace('shop'))).toEqual({ labels: named('shop'), fenced: false });
    const marked = namespace('shop', { env: 'prod', 'ringfence.dev/fence': '' });
    expect(facts('shop', '', marked)).toMatchObject({ fenced: true });
    expect(facts('shop', namespace('shop'), namespace('shop', { env: 'dev' }))).toEqual({
      labels: named('shop'),
      fenced: false,
    });
    expect(facts('shop', namespace('shop'), marked)).toMatchObject({ fenced: true });
  });

  it('of a built-in or an exempt one: applying it marks nothing', () => {
    expect(facts('default', namespace('default'))).toMatchObject({ fenced: false });
    expect(facts('ringfence-system', namespace('ringfence-system'))).toMatchObject({ fenced: false });
  });

  it('have the name that the API server gives, whatever the manifest says', () => {
    const forged = namespace('shop', { 'kubernetes.io/metadata.name': 'kube-system' });
    expect(facts('shop', forged)).toMatchObject({ labels: { 'kubernetes.io/metadata.name': 'shop' } });
  });

  it.each([
    ['shop', namespace('other'), 'no Namespace shop in the files; use --namespaces FILE'],
    [undefined, namespace('shop'), 'it names no namespace; use --namespace NAME'],
    ['shop', namespace('shop', { expose: true }), 'the labels of Namespace shop (a.yaml:1) cannot be read'],
    [
      'shop',
      namespace('shop') + namespace('shop', { env: 'dev' }),
      'Namespace shop has other labels in a.yaml:1 than in a.yaml:3',
    ],
  ])('are not known, and why: %s', (name, manifests, reason) => {
    expect(facts(name, manifests)).toBe(reason);
  });

  it('are known where two manifests say the same', () => {
    expect(facts('shop', namespace('shop') + namespace('shop'))).toMatchObject({ fenced: true });
  });
});

describe('the NetworkPolicies around one', () => {
  const policy = (name: string, metadata: object = { namespace: 'shop' }, spec: object = {}) =>
    `${JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, ...metadata }, spec })}\n---\n`;

  function around(name: string, manifests: string, given = '', defaultNamespace?: string) {
    const cluster = load(given, 'given.yaml');
    const inventory = takeInventory(load(manifests), { cluster, defaultNamespace, now: 0 }, config);
    const { policies } = inventory.surroundings('shop', name).others();
    return { names: policies.map((one) => one.name), complete: inventory.knowsAllPolicies('shop') };
  }

  it('are the others of its namespace, and with a default namespace those that name none', () => {
    const manifests = policy('a') + policy('b') + policy('c', {}) + policy('d', { namespace: 'other' });
    expect(around('a', manifests)).toEqual({ names: ['b'], complete: false });
    expect(around('a', manifests, '', 'shop').names).toEqual(['b', 'c']);
  });

  it('are all there are in a new namespace, and its baseline is one of them', () => {
    expect(around('a', namespace('shop') + policy('a') + policy('b'))).toEqual({
      names: ['b', 'deny-all-baseline', 'allow-dns-egress'],
      complete: true,
    });
  });

  it('may be more where the cluster has the namespace, unless its policies are given too', () => {
    expect(around('a', policy('a'), namespace('shop'))).toEqual({ names: [], complete: false });
    expect(around('a', policy('a'), namespace('shop') + policy('b'))).toEqual({ names: ['b'], complete: true });
  });

  it('are all there are where the whole cluster is given, also if it has none', () => {
    const given = { cluster: load(namespace('shop')), defaultNamespace: undefined, now: 0 };
    const knows = (more: object) =>
      takeInventory(load(policy('a')), { ...given, ...more }, config).knowsAllPolicies('shop');
    expect([knows({}), knows({ isWhole: true })]).toEqual([false, true]);
  });

  it('are as the files have them where the cluster has another of that name', () => {
    const given = namespace('shop') + policy('b', { namespace: 'shop' }, { egress: [{}] });
    const inventory = takeInventory(
      load(policy('b')),
      { cluster: load(given), defaultNamespace: undefined, now: 0 },
      config,
    );
    expect(
      inventory
        .surroundings('shop', 'a')
        .others()
        .policies.map(({ digest }) => digest.isolates.egress),
    ).toEqual([false]);
  });

  it('come with the labels of every namespace that is known', () => {
    const inventory = takeInventory(
      load(namespace('shop')),
      { cluster: [], defaultNamespace: undefined, now: 0 },
      config,
    );
    const { namespaceLabels } = inventory.surroundings('shop', 'a');
    expect(namespaceLabels('shop')?.get('env')).toBe('prod');
    expect(namespaceLabels('other')).toBeUndefined();
  });
});
