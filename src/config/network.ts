import type { AllowedFlow, AllowedPort, NamedPeer, NetworkConfig } from '../policy/network-config.ts';
import { isAllowedValue, type TaxonomyKey } from '../policy/taxonomy.ts';
import type { DnsConfig } from './config.ts';
import { defaultFile } from './defaults.ts';
import type { FlowEntry, NetworkFile, PeerEntry } from './network-schema.ts';
import { readPort } from './port.ts';

/** The taxonomy key that flows are between. */
export const tierKey = 'tier';

/**
 * A valid file's flows, peers and breadth laid over the defaults. `tier` is the taxonomy's key of
 * that name; where there is none, nothing flows between tiers and the matrix is empty.
 */
export function mergeNetwork(file: NetworkFile, tier: TaxonomyKey | undefined, dns: DnsConfig): NetworkConfig {
  const flows: readonly FlowEntry[] = tier === undefined ? [] : (file.flows ?? defaultFlows(tier));
  return {
    matrix: flows.map(buildFlow),
    peers: mergePeers((file.peers ?? []).map(buildPeer), dns),
    broad: { ...defaultFile.breadth, ...file.breadth },
  };
}

/**
 * The default flows of a vocabulary that may have other tiers: those whose tiers are still there,
 * then each tier to itself.
 */
function defaultFlows(tier: TaxonomyKey): readonly FlowEntry[] {
  const known = defaultFile.flows.filter(({ from, to }) => isAllowedValue(tier, from) && isAllowedValue(tier, to));
  // A pattern has no list of values: of its tiers only those that the defaults name can be said.
  if (tier.values === undefined) return known;
  return [...known.filter(({ from, to }) => from !== to), ...tier.values.map((value) => ({ from: value, to: value }))];
}

function buildFlow({ from, to, ports }: FlowEntry): AllowedFlow {
  return { from, to, ports: ports?.map(buildPort) };
}

function buildPort(entry: number | string): AllowedPort {
  const port = readPort(entry);
  // Validation has refused such a file; without this the compiler would have to take our word for
  // it.
  if (port === undefined || 'wrong' in port) throw new TypeError(`port ${entry}`);
  return port;
}

/** What a person names comes first, and so decides where a default peer means the same Pods. */
function mergePeers(given: readonly NamedPeer[], dns: DnsConfig): readonly NamedPeer[] {
  const names = new Set(given.map(({ name }) => name));
  return [...given, ...defaultPeers(dns).filter(({ name }) => !names.has(name))];
}

function defaultPeers({ namespace, podLabels, nodeLocalCidr }: DnsConfig): readonly NamedPeer[] {
  const derived: readonly PeerEntry[] = [
    { name: 'dns', role: 'dns', namespace, podLabels },
    ...(nodeLocalCidr === undefined ? [] : [{ name: 'node-local-dns', role: 'dns', cidrs: [nodeLocalCidr] } as const]),
  ];
  return [...defaultFile.peers, ...derived].map(buildPeer);
}

function buildPeer({ name, role, namespace, podLabels, cidrs }: PeerEntry): NamedPeer {
  return { name, role, namespace, podLabels: { ...podLabels }, cidrs: [...(cidrs ?? [])] };
}
