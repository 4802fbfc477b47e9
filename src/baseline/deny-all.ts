import type { NetworkPolicySpec } from '../kubernetes/network-policy.ts';

/**
 * Nothing in, nothing out, for every Pod of the namespace (networking.k8s.io/v1 NetworkPolicySpec).
 * It depends on no configuration: a specification that differs is a hole, whoever wrote it. The
 * lists are there although they are empty: a server-side apply without them leaves the rules that
 * others added.
 */
export const denyAllSpec: NetworkPolicySpec = {
  podSelector: {},
  policyTypes: ['Ingress', 'Egress'],
  ingress: [],
  egress: [],
};
