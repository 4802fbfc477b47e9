// Rule: Pods whose egress is isolated can still reach DNS, over UDP and over TCP, which resolvers
// use for answers that are too long for UDP (RFC 7766). In a fenced namespace the baseline allows
// both; elsewhere this policy or another one must.

import type { Labels } from '../../kubernetes/labels.ts';
import { metadataNameLabel } from '../../kubernetes/namespaces.ts';
import { isInRange, type Range, readCidr } from '../../network/address.ts';
import { digestOfSelector, isWider } from '../../network/digest.ts';
import type { Peer, Policy } from '../../network/rules.ts';
import { selects } from '../../network/selector.ts';
import { allowsPort } from '../../network/side.ts';
import type { OpeningCheck, PolicyConfig } from '../check.ts';
import type { Surroundings } from '../subject.ts';

export const egressWithoutDns: OpeningCheck = {
  id: 'egress-without-dns',
  rule: 'A NetworkPolicy that isolates egress allows its Pods DNS over UDP and TCP, unless a baseline does.',
  remedy: 'Allow UDP and TCP 53 to the Pods labelled k8s-app: kube-dns in the namespace kube-system.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge(opened, subject, config) {
    if (!opened.policy.isolates.egress) return [];
    if (subject.facts?.known === true && subject.facts.fenced) return [];
    const { policy } = opened;
    const { surroundings } = subject;
    const servers = serversOf(config, surroundings);
    const violation = { field: 'spec.egress', subject: 'egress', found: undefined };
    // Resolvers ask over UDP first, so without it TCP does not matter.
    for (const protocol of ['UDP', 'TCP'] as const) {
      if (allowsDns(policy, servers, protocol)) continue;
      const beside = isAllowedBeside(policy, servers, protocol, surroundings);
      if (beside === true) continue;
      const reason = beside === undefined ? doubts[protocol] : `${lacks[protocol]} ${serverText(config)}`;
      return [{ ...violation, reason, ...(beside === undefined ? { undecided: true } : {}) }];
    }
    return [];
  },
};

type DnsProtocol = 'UDP' | 'TCP';

const lacks: Readonly<Record<DnsProtocol, string>> = {
  UDP: 'allows no DNS, nor does another NetworkPolicy here; allow UDP and TCP',
  TCP: 'allows DNS over UDP only, and long answers need TCP; allow TCP',
};

const doubts: Readonly<Record<DnsProtocol, string>> = {
  UDP: 'not decided: isolates egress and allows no DNS; whether another NetworkPolicy does is not known',
  TCP: 'not decided: allows DNS over UDP only; whether another NetworkPolicy allows it over TCP is not known',
};

/**
 * Whether another policy of the namespace allows DNS. Another policy counts if it selects at least
 * the same Pods. Undefined if that is not known.
 */
function isAllowedBeside(
  { podSelector }: Policy,
  servers: readonly Server[],
  protocol: DnsProtocol,
  surroundings: Surroundings | undefined,
): boolean | undefined {
  if (surroundings?.others === undefined) return undefined;
  const { budget } = surroundings;
  const { policies, more } = surroundings.others();
  const digest = digestOfSelector(podSelector);
  for (const other of policies) {
    if (other.digest.rules.egress === 0 || !isWider(other.digest, digest)) continue;
    if (!budget.takeWork(other.work)) return undefined;
    const read = other.read();
    if (read !== undefined && allowsDns(read, servers, protocol)) return true;
  }
  return more === undefined ? false : undefined;
}

/** Whether a policy allows a protocol on a DNS port to a DNS server. */
function allowsDns({ egress }: Policy, servers: readonly Server[], protocol: DnsProtocol): boolean {
  return egress.some(({ peers, ports }) =>
    servers.some(
      (server) =>
        server.ports.some((port) => allowsPort(ports, undefined, protocol, port)) &&
        (peers === undefined || peers.some((peer) => isServer(peer, server))),
    ),
  );
}

/** Returns the first DNS server that is Pods: `53 to k8s-app: kube-dns in kube-system`. */
function serverText({ network }: PolicyConfig): string {
  const server = network.peers.find(({ role, namespace }) => role === 'dns' && namespace !== undefined);
  const ports = (server?.ports ?? [53]).join(', ');
  if (server === undefined) return `${ports} to the DNS servers`;
  const labels = Object.entries(server.podLabels).map(([key, value]) => `${key}: ${value}`);
  const pods = labels.length === 0 ? `namespace ${server.namespace}` : `${labels.join(', ')} in ${server.namespace}`;
  return `${ports} to ${pods}`;
}

/** The port of DNS, and the port on which the DNS Pods of OpenShift listen behind their Service. */
const dnsPorts = [53, 5353] as const;

/** A DNS server, from a peer of the configuration. */
interface Server {
  readonly namespaceLabels: Labels | undefined;
  readonly podLabels: Labels;
  readonly ranges: readonly Range[];
  readonly ports: readonly number[];
}

function serversOf({ network }: PolicyConfig, surroundings: Surroundings | undefined): readonly Server[] {
  return network.peers
    .filter(({ role }) => role === 'dns')
    .map(({ namespace, podLabels, cidrs, ports = [] }) => ({
      namespaceLabels:
        namespace === undefined
          ? undefined
          : new Map(surroundings?.namespaceLabels(namespace)).set(metadataNameLabel, namespace),
      podLabels: new Map(Object.entries(podLabels)),
      ranges: cidrs.flatMap((cidr) => readCidr(cidr) ?? []),
      ports: [...dnsPorts, ...ports],
    }));
}

function isServer(peer: Peer, { namespaceLabels, podLabels, ranges }: Server): boolean {
  if (peer.kind === 'addresses') return ranges.some((range) => isInside(range, peer.range));
  if (namespaceLabels === undefined || peer.namespaceSelector === undefined) return false;
  return selects(peer.namespaceSelector, namespaceLabels) && selects(peer.podSelector, podLabels);
}

function isInside({ family, first, last }: Range, outer: Range): boolean {
  return isInRange(outer, { family, value: first }) && isInRange(outer, { family, value: last });
}
