// Rule: Pods whose egress is isolated can still reach DNS over UDP. In a fenced namespace the
// baseline allows DNS; elsewhere this policy or another one must.

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
  rule: 'A NetworkPolicy that isolates egress allows its Pods DNS, unless a baseline does.',
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
    if (allowsDns(policy, servers)) return [];
    const violation = { field: 'spec.egress', subject: 'egress', found: undefined };
    const beside = isAllowedBeside(policy, servers, surroundings);
    if (beside === true) return [];
    if (beside === undefined) {
      const reason = 'not decided: isolates egress and allows no DNS; whether another NetworkPolicy does is not known';
      return [{ ...violation, reason, undecided: true }];
    }
    return [
      {
        ...violation,
        reason: `allows no DNS, nor does another NetworkPolicy here; allow UDP and TCP ${serverText(config)}`,
      },
    ];
  },
};

/**
 * Whether another policy of the namespace allows DNS. Another policy counts if it selects at least
 * the same Pods. Undefined if that is not known.
 */
function isAllowedBeside(
  { podSelector }: Policy,
  servers: readonly Server[],
  surroundings: Surroundings | undefined,
): boolean | undefined {
  if (surroundings?.policies === undefined) return undefined;
  const { budget, morePolicies } = surroundings;
  const digest = digestOfSelector(podSelector);
  for (const other of surroundings.policies) {
    if (other.digest.egress.length === 0 || !isWider(other.digest, digest)) continue;
    if (!budget.takeWork(other.work)) return undefined;
    const read = other.read();
    if (read !== undefined && allowsDns(read, servers)) return true;
  }
  return morePolicies === undefined ? false : undefined;
}

/**
 * Whether a policy allows UDP on a DNS port to a DNS server. TCP alone is not enough, because
 * resolvers ask over UDP first.
 */
function allowsDns({ egress }: Policy, servers: readonly Server[]): boolean {
  return egress.some(({ peers, ports }) =>
    servers.some(
      (server) =>
        server.ports.some((port) => allowsPort(ports, undefined, 'UDP', port)) &&
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
