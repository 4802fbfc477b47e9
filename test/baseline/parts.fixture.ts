import { mergeConfig } from '../../src/config/merge.ts';
import type { ConfigFile } from '../../src/config/schema.ts';

/** A configuration file with every part of the baseline. */
export const everyPart = {
  peers: [
    { name: 'prometheus', role: 'monitoring', namespace: 'monitoring', podLabels: { app: 'prometheus' } },
    { name: 'monitoring', role: 'monitoring', cidrs: ['10.9.0.0/24'] },
    { name: 'nodes', role: 'nodes', cidrs: ['10.0.0.0/24', 'fd00::/64'] },
  ],
  baseline: {
    dns: [{ namespace: 'openshift-dns', podLabels: { dns: 'default' }, ports: [5353] }],
    nodeLocalDns: { cidrs: ['169.254.20.10/32'] },
    monitoring: { ports: [9090, '9100-9109'] },
    ingress: { ports: [8080] },
    probes: { ports: ['8080-8081', '53/UDP'] },
    apiServer: { cidrs: ['172.16.0.0/28'], podLabels: { app: 'hook' }, ports: [9443] },
    thirdParty: [
      { cidrs: ['203.0.113.0/24', '2001:db8::/48'], ports: [443] },
      { cidrs: ['198.51.100.7/32'], ports: ['123/UDP'] },
    ],
  },
} as const satisfies Partial<ConfigFile>;

/** The configuration with every part, at a version. */
export function configWithParts(version = '50', file: Partial<ConfigFile> = everyPart) {
  return mergeConfig(file, { version, ownNamespace: 'ringfence-system' });
}
