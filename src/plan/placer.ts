import type { FlowEnd } from '../flows/record.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { type Address, isInRange, type Range, readAddress, readCidr } from '../network/address.ts';
import type { Inventory } from '../network/inventory.ts';
import { isBehind, podPort, type Service, type ServicePort } from '../network/service.ts';
import type { Pod } from '../network/world.ts';
import type { NamedPeer } from '../policy/network-config.ts';
import type { End } from './end.ts';
import { leadsTo } from './numbered-pods.ts';
import type { Offers } from './offers.ts';
import { outsideParty, peerOf } from './outside.ts';
import type { Party } from './party.ts';
import { createPodParties } from './pod-parties.ts';
import type { Workload, Workloads } from './workloads.ts';

/** What an end of a flow is in the manifests, and the port of the Pods behind a Service. */
export interface Placed {
  readonly party: Party;
  readonly port: number;
}

/** What is known of the flow around an end. */
export interface Circumstances {
  readonly protocol: string;
  readonly port: number;
  /** When the flow was seen last: RFC 3339. */
  readonly last: string | undefined;
  /** The Pods of the other end, whose node may be meant. */
  readonly others: readonly Pod[];
}

/** Joins the ends of flows with the manifests. */
export interface Placer {
  /** The parties that an end means: several if a Service leads to several workloads. */
  place(end: FlowEnd, circumstances: Circumstances): readonly Placed[];
  readonly apiServer: Party;
  ofWorkload(workload: Workload): Party;
  ofPod(pod: Pod): Party;
  /** The Pods of a configured peer: those of the manifests, or else one that is assumed. */
  ofPeer(peer: NamedPeer): readonly Party[];
  /** The parties behind a port of a Service. */
  behind(service: Service, port: ServicePort): readonly Placed[];
  /** Pods that are not among the manifests, and the labels that a log gives their namespaces. */
  readonly assumed: readonly Pod[];
  readonly namespaces: ReadonlyMap<string, Labels>;
  serviceAt(address: Address): Service | undefined;
  /** Whether the networks of the Pods are known. Otherwise any private address may be a Pod's. */
  readonly knowsPodNetworks: boolean;
}

/** The peer that `baseline.apiServer` of the configuration makes. */
const apiServerName = 'api-server';

export function createPlacer(
  inventory: Inventory,
  workloads: Workloads,
  offers: Offers,
  peers: readonly NamedPeer[],
  podNetworks: readonly Range[] | undefined,
): Placer {
  const { world, services } = inventory;
  const parties = createPodParties(inventory, workloads, peers);
  const { ofWorkload, ofPod, ofPeer, ofSeenPod } = parties;
  const podsAt = Map.groupBy(
    world.pods
      .filter(({ hostNetwork }) => !hostNetwork)
      .flatMap((pod) => pod.addresses.map((one) => [one, pod] as const)),
    ([address]) => keyOf(address),
  );
  const servicesAt = new Map(
    [...services.values()].flatMap((service) => service.addresses.map((one) => [keyOf(one), service] as const)),
  );
  const nodes = new Set(
    [
      ...offers.nodes.flatMap(({ addresses }) => addresses.flatMap((text) => readAddress(text) ?? [])),
      ...world.pods.flatMap(({ nodeAddresses }) => nodeAddresses),
    ].map(keyOf),
  );
  const networks = [
    ...(podNetworks ?? []),
    ...offers.nodes.flatMap(({ podCidrs }) => podCidrs.flatMap((text) => readCidr(text) ?? [])),
  ];
  const apiServer = ofNamed(
    { kind: 'apiserver' },
    peers.filter(({ name }) => name === apiServerName),
  );
  const apiServers = new Set(
    (services.get('default/kubernetes')?.endpoints ?? []).map(({ address }) => keyOf(address)),
  );

  function behind(service: Service, port: ServicePort): readonly Placed[] {
    const { namespace } = service;
    if (service.selector === undefined)
      return service.endpoints.flatMap(({ address, pod: name, ports }) => {
        const found = ports.find((one) => one.name === port.name && one.protocol === port.protocol);
        if (found === undefined) return [];
        const pod = name === undefined ? undefined : inventory.podsByName.get(name);
        const isApiServer = namespace === 'default' && service.name === 'kubernetes';
        const party = isApiServer ? apiServer : pod === undefined ? ofAddress(address, [], undefined, []) : ofPod(pod);
        return [{ party, port: found.port }];
      });
    const ofWorkloads = workloads.in(namespace).flatMap((workload): readonly Placed[] => {
      const pod = workload.pods.find(({ labels }) => isBehind(service, labels)) ?? workload.pods[0];
      if (pod === undefined || !(leadsTo(service, workload) || isBehind(service, pod.labels))) return [];
      const number = podPort(port, { ports: [...pod.ports, ...workload.ports] });
      return number === undefined ? [] : [{ party: ofWorkload(workload), port: number }];
    });
    const ofBare = world.pods.flatMap((pod): readonly Placed[] => {
      if (pod.namespace !== namespace || workloads.of(pod) !== undefined || !isBehind(service, pod.labels)) return [];
      const number = podPort(port, pod);
      return number === undefined ? [] : [{ party: ofPod(pod), port: number }];
    });
    return [...ofWorkloads, ...ofBare];
  }

  function ofService(service: Service, { protocol, port }: Circumstances): readonly Placed[] {
    const { externalName, namespace, name } = service;
    if (externalName !== undefined) return [{ party: outsideParty([externalName], undefined, peers), port }];
    const meant = service.ports.find((one) => one.protocol === protocol && one.port === port);
    const found = meant === undefined ? [] : behind(service, meant);
    if (found.length > 0) return found;
    const why =
      meant === undefined
        ? `Service ${namespace}/${name} has no port ${protocol}/${port}`
        : `Service ${namespace}/${name} leads to no Pod of the manifests`;
    return [{ party: unresolved(why), port }];
  }

  function ofAddress(
    address: Address,
    names: readonly string[],
    last: string | undefined,
    others: readonly Pod[],
  ): Party {
    const at = podsAt.get(keyOf(address)) ?? [];
    const pods = [...new Set(at.map(([, pod]) => pod))];
    const [pod, another] = pods;
    if (pod !== undefined && another !== undefined)
      return unresolved(
        `two Pods have the address: ${[pod, another].map((one) => `${one.namespace}/${one.name}`).join(', ')}`,
      );
    if (pod !== undefined) {
      const born = offers.created.get(`${pod.namespace}/${pod.name}`) ?? '';
      if (born !== '' && last !== undefined && Date.parse(last) < Date.parse(born))
        return unresolved('the Pod that has the address now is younger than the flow');
      return ofPod(pod);
    }
    const key = keyOf(address);
    if (apiServers.has(key)) return apiServer;
    if (others.some(({ nodeAddresses }) => nodeAddresses.some((one) => keyOf(one) === key)))
      return ofNode('host', address);
    const peer = peerOf(address, peers);
    if (nodes.has(key) || peer?.role === 'nodes') return ofNode('remote-node', address);
    if (names.length === 0 && peer === undefined && networks.some((range) => isInRange(range, address)))
      return unresolved('an address in the network of the Pods, which no Pod of the manifests has');
    return outsideParty(names, address, peers);
  }

  /** An end that the configuration may know by its addresses: a node, or the API server. */
  function ofNamed(end: End, known: readonly NamedPeer[], address?: Address): Party {
    const cidrs = known.flatMap((peer) => peer.cidrs);
    const first = cidrs.flatMap((cidr) => {
      const range = readCidr(cidr);
      return range === undefined ? [] : [{ family: range.family, value: range.first }];
    });
    const [peer] = known;
    return {
      end,
      pods: [],
      addresses: address === undefined ? first : [address],
      target:
        peer === undefined || cidrs.length === 0
          ? undefined
          : { kind: 'addresses', name: peer.name, cidrs, isNamed: true },
    };
  }

  function ofNode(name: 'host' | 'remote-node', address?: Address): Party {
    const known = peers.filter((peer) => peer.role === 'nodes' && peer.name !== apiServerName);
    return ofNamed({ kind: 'node', name }, known, address);
  }

  function one(party: Party, port: number): readonly Placed[] {
    return [{ party, port }];
  }

  return {
    namespaces: parties.namespaces,
    get assumed() {
      return parties.assumed;
    },
    apiServer,
    ofWorkload,
    ofPod,
    ofPeer,
    behind,
    serviceAt: (address) => servicesAt.get(keyOf(address)),
    knowsPodNetworks: networks.length > 0,
    place(end, circumstances) {
      const { port, last, others } = circumstances;
      switch (end.kind) {
        case 'pod':
          return one(ofSeenPod(end, port), port);
        case 'node':
          return one(ofNode(end.name), port);
        case 'apiserver':
          return one(apiServer, port);
        case 'ingress':
          return one({ end: { kind: 'ingress' }, pods: [], addresses: [], target: undefined }, port);
        case 'unresolved':
          return one(unresolved(end.why), port);
        case 'outside': {
          const address = end.address === undefined ? undefined : readAddress(end.address);
          // Before its translation, the address of a Service is outside for the plugin.
          const service = address && servicesAt.get(keyOf(address));
          if (service !== undefined) return ofService(service, circumstances);
          return one(outsideParty(end.names, address, peers), port);
        }
        case 'service': {
          const service = services.get(`${end.namespace}/${end.name}`);
          if (service !== undefined) return ofService(service, circumstances);
          return one(unresolved(`there is no Service ${end.namespace}/${end.name} in the manifests`), port);
        }
        case 'address': {
          const address = readAddress(end.address);
          if (address === undefined) return one(unresolved(`${end.address} is no address`), port);
          const service = servicesAt.get(keyOf(address));
          if (service !== undefined) return ofService(service, circumstances);
          return one(ofAddress(address, end.names, last, others), port);
        }
      }
    },
  };
}

function unresolved(why: string): Party {
  return { end: { kind: 'unresolved' }, pods: [], addresses: [], target: undefined, why };
}

function keyOf({ family, value }: Address): string {
  return `${family} ${value}`;
}
