// Rule: Pods whose egress is isolated can still reach DNS over UDP. In a fenced namespace the
// baseline allows DNS; elsewhere this policy or another one must.

import { metadataNameLabel } from '../../kubernetes/namespaces.ts';
import { isInRange, readCidr } from '../../network/address.ts';
import type { Policy, Rule } from '../../network/rules.ts';
import { selects, selectsAllOf } from '../../network/selector.ts';
import { allowsPort } from '../../network/side.ts';
import type { OpeningCheck, PolicyConfig } from '../check.ts';
import type { NamedPeer } from '../network-config.ts';
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
    if (allowsDns([policy], config, surroundings)) return [];
    const violation = { field: 'spec.egress', subject: 'egress', found: undefined };
    if (surroundings?.policies === undefined) {
      const reason = 'not decided: isolates egress and allows no DNS; whether another NetworkPolicy does is not known';
      return [{ ...violation, reason, undecided: true }];
    }
    // Another policy counts if it selects at least the same Pods.
    const beside = surroundings.policies.filter((other) => selectsAllOf(other.podSelector, policy.podSelector));
    if (allowsDns(beside, config, surroundings)) return [];
    return [
      {
        ...violation,
        reason: `allows no DNS, nor does another NetworkPolicy here; allow UDP and TCP 53 to ${serverText(config)}`,
      },
    ];
  },
};

/**
 * Whether policies allow UDP on a DNS port to a DNS server. TCP alone is not enough, because
 * resolvers ask over UDP first.
 */
function allowsDns(policies: readonly Policy[], config: PolicyConfig, surroundings: Surroundings | undefined): boolean {
  const servers = config.network.peers.filter((peer) => peer.role === 'dns');
  return policies.some(({ egress }) =>
    egress.some(
      (rule) =>
        dnsPorts.some((port) => allowsPort(rule.ports, undefined, 'UDP', port)) &&
        reachesDns(rule, servers, surroundings),
    ),
  );
}

/** Returns the first DNS server that is Pods: `k8s-app: kube-dns in kube-system`. */
function serverText({ network }: PolicyConfig): string {
  const server = network.peers.find(({ role, namespace }) => role === 'dns' && namespace !== undefined);
  if (server === undefined) return 'the DNS servers';
  const labels = Object.entries(server.podLabels).map(([key, value]) => `${key}: ${value}`);
  return labels.length === 0 ? `namespace ${server.namespace}` : `${labels.join(', ')} in ${server.namespace}`;
}

/** The port of DNS, and the port on which the DNS Pods of OpenShift listen behind their Service. */
const dnsPorts = [53, 5353] as const;

function reachesDns(rule: Rule, servers: readonly NamedPeer[], surroundings: Surroundings | undefined): boolean {
  if (rule.peers === undefined) return true;
  return rule.peers.some((peer) =>
    servers.some((server) => {
      if (peer.kind === 'addresses') return server.cidrs.some((cidr) => isInside(peer.range, cidr));
      if (server.namespace === undefined || peer.namespaceSelector === undefined) return false;
      const labels = new Map(surroundings?.namespaceLabels(server.namespace)).set(metadataNameLabel, server.namespace);
      return (
        selects(peer.namespaceSelector, labels) && selects(peer.podSelector, new Map(Object.entries(server.podLabels)))
      );
    }),
  );
}

function isInside(range: NonNullable<ReturnType<typeof readCidr>>, cidr: string): boolean {
  const inner = readCidr(cidr);
  return (
    inner !== undefined &&
    isInRange(range, { family: inner.family, value: inner.first }) &&
    isInRange(range, { family: inner.family, value: inner.last })
  );
}
