import type { BaselineConfig, DnsPlace } from './config.ts';
import { defaultFile } from './defaults.ts';
import type { DnsEntry } from './dns-schema.ts';
import { buildPort } from './port.ts';
import type { ConfigFile } from './schema.ts';

/**
 * Merges the baseline of a valid file with the defaults. Parts that the file does not have are off.
 */
export function mergeBaseline({ baseline = {}, peers }: Partial<ConfigFile>): BaselineConfig {
  const { dns = defaultFile.baseline.dns, nodeLocalDns, monitoring, ingress, probes, apiServer, thirdParty } = baseline;
  const nodes = (peers ?? []).filter(({ role }) => role === 'nodes').flatMap(({ cidrs = [] }) => cidrs);
  return {
    ...(dns === 'auto'
      ? { dns: defaultFile.baseline.dns.map(buildDns), isDnsFound: false }
      : { dns: dns.map(buildDns) }),
    ...(nodeLocalDns === undefined
      ? {}
      : { nodeLocalDns: { cidrs: [...nodeLocalDns.cidrs], ports: [...(nodeLocalDns.ports ?? [53])] } }),
    ...(monitoring === undefined ? {} : { monitoring: monitoring.ports.map(buildPort) }),
    ...(ingress === undefined ? {} : { ingress: ingress.ports.map(buildPort) }),
    ...(probes === undefined ? {} : { probes: { cidrs: [...new Set(nodes)], ports: probes.ports.map(buildPort) } }),
    ...(apiServer === undefined
      ? {}
      : {
          apiServer: {
            cidrs: [...apiServer.cidrs],
            podLabels: { ...apiServer.podLabels },
            ports: apiServer.ports.map(buildPort),
          },
        }),
    ...(thirdParty === undefined
      ? {}
      : { thirdParty: thirdParty.map(({ cidrs, ports }) => ({ cidrs: [...cidrs], ports: ports.map(buildPort) })) }),
  };
}

function buildDns({ namespace, podLabels, cidrs = [], ports = [53] }: DnsEntry): DnsPlace {
  return { namespace, podLabels: { ...podLabels }, cidrs: [...cidrs], ports: [...ports] };
}
