import type { AllowedFlow, NamedPeer, NetworkConfig } from '../policy/network-config.ts';
import { isAllowedValue, type TaxonomyKey } from '../policy/taxonomy.ts';
import type { BaselineConfig } from './config.ts';
import { defaultFile } from './defaults.ts';
import type { FlowEntry, NetworkFile, PeerEntry } from './network-schema.ts';
import { buildPort } from './port.ts';

/**
 * Merges the flows, peers and breadth of a valid file with the defaults. If the taxonomy does not
 * have the key that flows connect, the matrix is empty.
 */
export function mergeNetwork(
  file: NetworkFile,
  keys: ReadonlyMap<string, TaxonomyKey>,
  baseline: BaselineConfig,
): NetworkConfig {
  const flowKey = file.flowKey ?? defaultFile.flowKey;
  const key = keys.get(flowKey);
  const flows: readonly FlowEntry[] = key === undefined ? [] : (file.flows ?? defaultFlows(key));
  return {
    flowKey,
    matrix: flows.map(buildFlow),
    peers: mergePeers((file.peers ?? []).map(buildPeer), baseline),
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

/** The peers of the file come first, so they win over default peers with the same Pods. */
function mergePeers(given: readonly NamedPeer[], baseline: BaselineConfig): readonly NamedPeer[] {
  const names = new Set(given.map(({ name }) => name));
  return [...given, ...defaultPeers(baseline).filter(({ name }) => !names.has(name))];
}

/**
 * Every place of DNS is a peer called `dns`. A peer of that name replaces them all. The addresses
 * of the parts `apiServer` and `thirdParty` are peers too.
 */
function defaultPeers({ dns, nodeLocalDns, apiServer, thirdParty = [] }: BaselineConfig): readonly NamedPeer[] {
  return [
    ...defaultFile.peers.map(buildPeer),
    ...dnsPeers({ dns, ...(nodeLocalDns === undefined ? {} : { nodeLocalDns }) }),
    ...(apiServer === undefined
      ? []
      : [{ name: 'api-server', role: 'nodes', ...addresses, cidrs: apiServer.cidrs } as const]),
    ...(thirdParty.length === 0
      ? []
      : [
          {
            name: 'third-party',
            role: 'public',
            ...addresses,
            cidrs: [...new Set(thirdParty.flatMap(({ cidrs }) => cidrs))],
          } as const,
        ]),
  ];
}

/** Returns the peers called `dns`. No other peer has ports. */
export function dnsPeers({ dns, nodeLocalDns }: Pick<BaselineConfig, 'dns' | 'nodeLocalDns'>): readonly NamedPeer[] {
  const places = [...dns, ...(nodeLocalDns === undefined ? [] : [{ ...nodeLocalDns, ...addresses }])];
  return places.map((place): NamedPeer => ({ name: 'dns', role: 'dns', ...place }));
}

/** The fields of a peer that is not Pods. */
const addresses = { namespace: undefined, podLabels: {} };

function buildPeer({ name, role, namespace, podLabels, cidrs }: PeerEntry): NamedPeer {
  return { name, role, namespace, podLabels: { ...podLabels }, cidrs: [...(cidrs ?? [])] };
}
