import type { AllowedFlow, AllowedPort, NamedPeer, NetworkConfig } from '../policy/network-config.ts';
import { isAllowedValue, type TaxonomyKey } from '../policy/taxonomy.ts';
import type { DnsPlace } from './config.ts';
import { defaultFile } from './defaults.ts';
import type { FlowEntry, NetworkFile, PeerEntry } from './network-schema.ts';
import { readPort } from './port.ts';

/**
 * Merges the flows, peers and breadth of a valid file with the defaults. If the taxonomy does not
 * have the key that flows connect, the matrix is empty.
 */
export function mergeNetwork(
  file: NetworkFile,
  keys: ReadonlyMap<string, TaxonomyKey>,
  dns: readonly DnsPlace[],
): NetworkConfig {
  const flowKey = file.flowKey ?? defaultFile.flowKey;
  const key = keys.get(flowKey);
  const flows: readonly FlowEntry[] = key === undefined ? [] : (file.flows ?? defaultFlows(key));
  return {
    flowKey,
    matrix: flows.map(buildFlow),
    peers: mergePeers((file.peers ?? []).map(buildPeer), dns),
    broad: { ...defaultFile.breadth, ...file.breadth },
  };
}

/**
 * Returns the default flows between the values of a key: each value to itself. For the default key,
 * which may have other values than the default ones, also the default flows between those it has.
 */
function defaultFlows(key: TaxonomyKey): readonly FlowEntry[] {
  const known =
    key.key === defaultFile.flowKey
      ? defaultFile.flows.filter(({ from, to }) => isAllowedValue(key, from) && isAllowedValue(key, to))
      : [];
  // A pattern has no list of values, so only the values of the defaults are known.
  if (key.values === undefined) return known;
  return [...known.filter(({ from, to }) => from !== to), ...key.values.map((value) => ({ from: value, to: value }))];
}

function buildFlow({ from, to, ports }: FlowEntry): AllowedFlow {
  return { from, to, ports: ports?.map(buildPort) };
}

function buildPort(entry: number | string): AllowedPort {
  const port = readPort(entry);
  // Validation has already refused such a file. The compiler cannot know this.
  if (port === undefined || 'wrong' in port) throw new TypeError(`port ${entry}`);
  return port;
}

/** The peers of the file come first, so they win over default peers with the same Pods. */
function mergePeers(given: readonly NamedPeer[], dns: readonly DnsPlace[]): readonly NamedPeer[] {
  const names = new Set(given.map(({ name }) => name));
  return [...given, ...defaultPeers(dns).filter(({ name }) => !names.has(name))];
}

/** Every place of DNS is a peer called `dns`. A peer of that name replaces them all. */
function defaultPeers(dns: readonly DnsPlace[]): readonly NamedPeer[] {
  const derived = dns.map((place): NamedPeer => ({ name: 'dns', role: 'dns', ...place }));
  return [...defaultFile.peers.map(buildPeer), ...derived];
}

function buildPeer({ name, role, namespace, podLabels, cidrs }: PeerEntry): NamedPeer {
  return { name, role, namespace, podLabels: { ...podLabels }, cidrs: [...(cidrs ?? [])] };
}
