import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import { mergeConfig } from '../../src/config/merge.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';
import { type DnsSearch, findDns } from '../../src/process/dns.ts';
import { openDnsWatch } from '../../src/process/dns-watch.ts';
import { atKubeadm, atOpenShift, auto, setUp } from './dns-scene.ts';

/** A cluster with these Services of DNS, by `namespace/name`. */
function clusterWith(services: Readonly<Record<string, object>>, slices: readonly object[] = []) {
  return {
    service: async (namespace: string, name: string) => services[`${namespace}/${name}`] as RawObject | undefined,
    slices: async () => slices as readonly RawObject[],
  };
}
const service = (selector: object | undefined, targetPort: unknown, resourceVersion = '70') => ({
  metadata: { resourceVersion },
  spec: {
    ...(selector === undefined ? {} : { selector }),
    ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort }],
  },
});
const slices = [{ metadata: { resourceVersion: '75' }, ports: [{ name: 'dns', port: 5353, protocol: 'UDP' }] }];
const kubeDns = service({ 'k8s-app': 'kube-dns' }, 53);
const openShift = service({ 'dns.operator.openshift.io/daemonset-dns': 'default' }, 'dns');

describe('the search for DNS', () => {
  it.each<[string, Parameters<typeof findDns>[0], DnsSearch]>([
    ['kubeadm', clusterWith({ 'kube-system/kube-dns': kubeDns }), { found: { place: atKubeadm, version: '70' } }],
    [
      'OpenShift, whose port has a name',
      clusterWith({ 'openshift-dns/dns-default': openShift }, slices),
      { found: { place: atOpenShift, version: '75' } },
    ],
    [
      'the first of two, so that nobody leads DNS to a namespace of their own',
      clusterWith({ 'kube-system/kube-dns': kubeDns, 'openshift-dns/dns-default': openShift }, slices),
      { found: { place: atKubeadm, version: '70' } },
    ],
    [
      'none',
      clusterWith({}),
      {
        problem:
          'none of the Services kube-system/kube-dns, kube-system/rke2-coredns-rke2-coredns, openshift-dns/dns-default exists',
      },
    ],
    [
      'a Service without a selector',
      clusterWith({ 'kube-system/kube-dns': service(undefined, 53) }),
      { problem: 'Service kube-system/kube-dns selects no Pods' },
    ],
    [
      'a name for the port, and no endpoint yet',
      clusterWith({ 'openshift-dns/dns-default': openShift }),
      { problem: 'no endpoint of Service openshift-dns/dns-default says on which port its Pods listen' },
    ],
    [
      'a Service that may not be read',
      {
        ...clusterWith({}),
        service: () => Promise.reject(new ApiError('GET services: 403 forbidden', { code: 403 })),
      },
      { problem: 'the Service of DNS may not be read: GET services: 403 forbidden' },
    ],
  ])('finds %s', async (_, ports, expected) => {
    expect(await findDns(ports)).toEqual(expected);
  });

  it('fails where the API server does not answer, so that nothing is assumed then', async () => {
    const silent = new ApiError('GET services: ECONNREFUSED', { code: 0 });
    await expect(findDns({ ...clusterWith({}), service: () => Promise.reject(silent) })).rejects.toBe(silent);
  });
});

describe('a configuration with dns: auto', () => {
  it('has the place that was found, as peer too, and is as new as what says so', async () => {
    const config = await setUp().resolver.read();
    expect(config?.baseline.dns).toEqual([atOpenShift]);
    expect(config?.version).toBe('75');
    expect(config?.network.peers.filter(({ name }) => name === 'dns')).toEqual([
      { name: 'dns', role: 'dns', ...atOpenShift },
    ]);
  });

  it('keeps the peers of the file, and the cache of the nodes', async () => {
    const own = { name: 'dns', role: 'dns', namespace: 'mine' } as const;
    const named = await setUp(auto('50', { peers: [own] })).resolver.read();
    expect(named?.network.peers.filter(({ role }) => role === 'dns')).toEqual([{ ...own, podLabels: {}, cidrs: [] }]);
    const cached = await setUp(
      auto('50', { baseline: { nodeLocalDns: { cidrs: ['169.254.20.10/32'] } } }),
    ).resolver.read();
    expect(
      cached?.network.peers.flatMap(({ role, cidrs, namespace }) => (role === 'dns' ? [namespace ?? cidrs] : [])),
    ).toEqual(['openshift-dns', ['169.254.20.10/32']]);
  });

  it('is the same object until the place or the file changes, whatever else changes at the Service', async () => {
    const { world, resolver } = setUp();
    const first = await resolver.read();
    world.answer = { found: { place: atOpenShift, version: '90' } };
    world.config = auto('50');
    expect(await resolver.read()).toBe(first);
    world.answer = { found: { place: { ...atOpenShift, ports: [53] }, version: '95' } };
    expect(await resolver.read()).toMatchObject({ version: '95', baseline: { dns: [{ ports: [53] }] } });
    world.config = auto('99');
    expect((await resolver.read())?.version).toBe('99');
  });

  it('follows the version of a Service that stays where it is, up at most every five minutes', async () => {
    const { world, resolver, clock } = setUp();
    const first = await resolver.read();
    world.answer = { found: { place: atOpenShift, version: '90' } };
    clock.move(5 * 60_000 - 1);
    expect(await resolver.read()).toBe(first);
    clock.move(1);
    const second = await resolver.read();
    expect(second).toEqual({ ...first, version: '90' });
    world.answer = { found: { place: atOpenShift, version: '95' } };
    expect(await resolver.read()).toBe(second);
    // The version falls when the newest of several EndpointSlices goes.
    world.answer = { found: { place: atOpenShift, version: '80' } };
    expect(await resolver.read()).toMatchObject({ version: '80' });
  });

  it('of a file has no version, so it stays the same object', async () => {
    const { world, resolver, clock } = setUp(auto('0'));
    const first = await resolver.read();
    world.answer = { found: { place: atOpenShift, version: '90' } };
    clock.move(60 * 60_000);
    expect(await resolver.read()).toBe(first);
  });

  it('keeps what was found while the Service is away, and says so', async () => {
    const { world, resolver } = setUp();
    const found = await resolver.read();
    world.answer = { problem: 'none exists' };
    expect(await resolver.read()).toBe(found);
    expect(resolver.problem()).toBe('baseline.dns is auto, and none exists; what was found before stays');
    world.answer = { found: { place: atOpenShift, version: '80' } };
    await resolver.read();
    expect(resolver.problem()).toBeUndefined();
  });

  it('assumes the default where nothing was ever found, and says so', async () => {
    const { world, resolver } = setUp();
    world.answer = { problem: 'none exists' };
    expect((await resolver.read())?.baseline).toEqual({ dns: [atKubeadm], isDnsFound: false });
    expect(resolver.problem()).toBe('baseline.dns is auto, and none exists; the default is assumed');
  });

  it('is not searched for where the places are listed, or there is no configuration', async () => {
    const { world, resolver } = setUp(mergeConfig({}, { version: '50', ownNamespace: undefined }));
    expect(await resolver.read()).toBe(world.config);
    world.config = undefined;
    expect(await resolver.read()).toBeUndefined();
    expect(world.searches).toBe(0);
  });
});

describe('the watch over the Pods of DNS', () => {
  it('says once that there are none, and once that they are back', async () => {
    const lines: string[] = [];
    let exists = false;
    let unknown: string | undefined;
    const say = (details: object, message: string) => void lines.push(`${message} ${JSON.stringify(details)}`);
    const asked: unknown[] = [];
    const watch = openDnsWatch(
      {
        anyPod: async (...question) => {
          asked.push(question);
          return exists;
        },
        searchProblem: () => unknown,
        log: { info: say, warn: say },
      },
      () =>
        mergeConfig(
          { baseline: { dns: [{ namespace: 'dns', podLabels: { app: 'unbound' } }, { cidrs: ['10.96.0.10/32'] }] } },
          { version: '0', ownNamespace: undefined },
        ),
    );
    const sentence =
      'baseline.dns: no Pod of dns has app=unbound, so fenced Pods reach no DNS there; run ringfence doctor';
    expect(watch.isFound()).toBeUndefined();
    await watch.look();
    await watch.look();
    expect([watch.problem(), watch.isFound()]).toEqual([sentence, false]);
    exists = true;
    await watch.look();
    expect([watch.problem(), watch.isFound()]).toEqual([undefined, true]);
    unknown = 'baseline.dns is auto, and none exists; the default is assumed';
    await watch.look();
    expect(watch.problem()).toBe(unknown);
    expect(asked[0]).toEqual(['dns', { app: 'unbound' }]);
    expect(lines).toEqual([
      `DNS is not where the baseline says ${JSON.stringify({ reason: sentence })}`,
      'DNS is where the baseline says {}',
      `DNS is not where the baseline says ${JSON.stringify({ reason: unknown })}`,
    ]);
  });
});
