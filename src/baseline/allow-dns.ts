import type { DnsConfig } from '../config/config.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { NetworkPolicyPeer, NetworkPolicySpec } from '../kubernetes/network-policy.ts';

/**
 * Egress of every Pod to the cluster's DNS, over UDP and TCP: answers that do not fit a datagram are asked again over TCP (RFC 7766).
 * The namespace is matched by `kubernetes.io/metadata.name`, which the API server itself sets and keeps.
 */
export function allowDnsSpec(dns: DnsConfig): NetworkPolicySpec {
  const pods: NetworkPolicyPeer = {
    namespaceSelector: { matchLabels: { [metadataNameLabel]: dns.namespace } },
    podSelector: { matchLabels: dns.podLabels },
  };
  // A NodeLocal DNS cache answers on an address of the node, which no selector of Pods can match.
  const to = dns.nodeLocalCidr === undefined ? [pods] : [pods, { ipBlock: { cidr: dns.nodeLocalCidr } }];
  const ports = dns.ports.flatMap((port) => [
    { protocol: 'UDP' as const, port },
    { protocol: 'TCP' as const, port },
  ]);
  // The empty list takes away ingress rules that someone else added: see deny-all.
  return { podSelector: {}, policyTypes: ['Egress'], ingress: [], egress: [{ to, ports }] };
}
