import type { Cluster } from '../cluster/connection.ts';
import { dnsObjects } from '../cluster/dns.ts';
import type { Config } from '../config/config.ts';
import { type FoundDns, latest, withFoundDns } from '../config/found-dns.ts';
import { dnsPodPorts, dnsServiceNames, hasNamedDnsPort } from '../kubernetes/dns-service.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import { listAt, own, recordOf, valueAt } from '../kubernetes/raw-object.ts';
import { apiCode } from '../retry/answer.ts';
import type { Clock } from '../retry/clock.ts';

/** Where DNS is in the cluster, or why that is not known, as a clause. */
export type DnsSearch = { readonly found: FoundDns } | { readonly problem: string };

/** What the search reads. `slices` are the EndpointSlices of a Service. */
export interface DnsPorts {
  service(namespace: string, name: string): Promise<RawObject | undefined>;
  slices(namespace: string, name: string): Promise<readonly RawObject[]>;
}

/**
 * Looks for the Service of DNS, and returns its Pods and their ports. The first Service that exists
 * decides, so that nobody who may create a namespace of a later name can lead DNS there. Throws if
 * the API server does not answer.
 */
export async function findDns(ports: DnsPorts): Promise<DnsSearch> {
  try {
    for (const [namespace, name] of dnsServiceNames) {
      const service = await ports.service(namespace, name);
      if (service !== undefined) return await read(service, namespace, name, ports);
    }
  } catch (error) {
    if (apiCode(error) !== 403) throw error;
    return { problem: `the Service of DNS may not be read: ${error instanceof Error ? error.message : String(error)}` };
  }
  const names = dnsServiceNames.map((name) => name.join('/'));
  return { problem: `none of the Services ${names.join(', ')} exists` };
}

async function read(service: RawObject, namespace: string, name: string, ports: DnsPorts): Promise<DnsSearch> {
  const title = `Service ${namespace}/${name}`;
  const selector = Object.entries(recordOf(valueAt(service, 'spec', 'selector')));
  const podLabels = Object.fromEntries(selector.filter((one): one is [string, string] => typeof one[1] === 'string'));
  if (selector.length === 0) return { problem: `${title} selects no Pods` };
  if (!listAt(service, 'spec', 'ports').some((port) => own(port, 'port') === 53))
    return { problem: `${title} has no port 53` };
  const slices = hasNamedDnsPort(service) ? await ports.slices(namespace, name) : [];
  const numbers = dnsPodPorts(service, slices);
  if (numbers.length === 0) return { problem: `no endpoint of ${title} says on which port its Pods listen` };
  const versions = [service, ...slices].map(({ metadata }) => metadata.resourceVersion ?? '0');
  const place = { namespace, podLabels, cidrs: [], ports: [...numbers].sort((a, b) => a - b) };
  return { found: { place, version: versions.reduce(latest) } };
}

/** Reads configurations, with the DNS of the cluster where they say `dns: auto`. */
export interface DnsResolver {
  /**
   * Resolves to the same object as long as neither the configuration nor the place changes, nor the
   * version of what says where DNS is. A higher version may wait for some minutes.
   */
  read(): Promise<Config | undefined>;
  /** Why DNS is not known now, as a sentence; undefined if it is, or if it is configured. */
  problem(): string | undefined;
}

/**
 * Adds the DNS of the cluster to the configurations that `source` reads. While none is found, the
 * last place that was found stays; before the first, the default is assumed. A change that leaves
 * the place as it is, such as a label of the Service, changes the version too: a replica that
 * starts later has that version, and the others would take what it wrote for a newer configuration.
 */
export function openDnsResolver(
  source: () => Promise<Config | undefined>,
  search: () => Promise<DnsSearch>,
  clock: Pick<Clock, 'uptime'>,
): DnsResolver {
  let known: FoundDns | undefined;
  let problem: string | undefined;
  let last:
    | { readonly base: Config; readonly place: string; readonly config: Config; readonly since: number }
    | undefined;
  return {
    async read() {
      const base = await source();
      if (base?.baseline.isDnsFound === undefined) {
        problem = undefined;
        return base;
      }
      const answer = await search();
      if ('found' in answer) known = answer.found;
      problem =
        'found' in answer
          ? undefined
          : `baseline.dns is auto, and ${answer.problem}; ${known === undefined ? 'the default is assumed' : 'what was found before stays'}`;
      if (known === undefined) return base;
      const place = JSON.stringify(known.place);
      const isSame = last?.base === base || (base.version !== '0' && last?.base.version === base.version);
      const config = withFoundDns(base, known);
      const now = clock.uptime();
      if (last !== undefined && isSame && last.place === place) {
        const { version } = last.config;
        const mayWait = latest(config.version, version) === config.version && now - last.since < higherMs;
        if (config.version === version || mayWait) return last.config;
      }
      last = { base, place, config, since: now };
      return config;
    },
    problem: () => problem,
  };
}

/**
 * The pause before a higher version of the same place. It has the webhook configurations written
 * and all baselines compared, and a Service or its EndpointSlices may change often. A lower version
 * does not wait, because a version above the live one counts as forged.
 */
const higherMs = 5 * 60_000;

/** Looks for the DNS of a cluster. */
export function searchDns(cluster: Pick<Cluster, 'request'>): Promise<DnsSearch> {
  return findDns(dnsObjects(cluster));
}

/**
 * Returns the version of a configuration with `dns: auto`, given that of its ConfigMap. If it is
 * not known where DNS is, no version is too high: what another replica wrote, which has found it,
 * is better than the default.
 */
export async function liveDnsVersion(own: string, search: () => Promise<DnsSearch>): Promise<string> {
  const answer = await search();
  return 'found' in answer ? latest(own, answer.found.version) : highestVersion;
}

/** A resourceVersion is an unsigned 64-bit number. */
const highestVersion = String(2n ** 64n - 1n);
