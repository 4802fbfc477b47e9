// A configuration with `dns: auto`, and a resolver whose source, search and clock a test changes.
import type { Config } from '../../src/config/config.ts';
import { mergeConfig } from '../../src/config/merge.ts';
import type { ConfigFile } from '../../src/config/schema.ts';
import { type DnsSearch, openDnsResolver } from '../../src/process/dns.ts';
import { handClock } from '../hand-clock.ts';

const place = (namespace: string, podLabels: Readonly<Record<string, string>>, port: number) => ({
  namespace,
  podLabels,
  cidrs: [],
  ports: [port],
});
export const atKubeadm = place('kube-system', { 'k8s-app': 'kube-dns' }, 53);
export const atOpenShift = place('openshift-dns', { 'dns.operator.openshift.io/daemonset-dns': 'default' }, 5353);

export const auto = (version: string, file: Partial<ConfigFile> = {}) =>
  mergeConfig({ ...file, baseline: { ...file.baseline, dns: 'auto' } }, { version, ownNamespace: 'ringfence-system' });

/** A resolver whose source and search a test may change. */
export function setUp(initial: Config | undefined = auto('50')) {
  const world: { config: Config | undefined; answer: DnsSearch; searches: number } = {
    config: initial,
    answer: { found: { place: atOpenShift, version: '75' } },
    searches: 0,
  };
  const clock = handClock();
  const resolver = openDnsResolver(
    async () => world.config,
    async () => {
      world.searches += 1;
      return world.answer;
    },
    clock,
  );
  return { world, resolver, clock };
}
