import type { NetworkPolicySpec } from '../kubernetes/network-policy.ts';

/**
 * Denies all ingress and egress of every Pod in the namespace (networking.k8s.io/v1
 * NetworkPolicySpec). It does not depend on the configuration, so a specification that differs is
 * always wrong. The empty lists are necessary: a server-side apply without them would keep the
 * rules that others added.
 */
export const denyAllSpec: NetworkPolicySpec = {
  podSelector: {},
  policyTypes: ['Ingress', 'Egress'],
  ingress: [],
  egress: [],
};
