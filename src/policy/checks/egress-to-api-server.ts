// Rule: egress to the API server names the addresses of its endpoints. A NetworkPolicy sees an
// address after the translation of Services, so the ClusterIP of the API server never matches. Nor
// does a selector: the Service `kubernetes` in namespace `default` has no Pods, and the API server
// runs on the network of a node.

import { readCidr } from '../../network/address.ts';
import { allowsPort } from '../../network/side.ts';
import type { OpeningCheck } from '../check.ts';
import { isOnly, type JudgedOpening, shortField } from '../opening.ts';
import type { Subject } from '../subject.ts';

export const egressToApiServer: OpeningCheck = {
  id: 'egress-to-api-server',
  rule: 'Egress to the API server names the addresses of its endpoints, because no ClusterIP and no selector matches it.',
  remedy: 'Allow the addresses that `kubectl get endpointslice kubernetes -n default` shows, in an ipBlock.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge(opened, subject) {
    return opened.openings.flatMap((opening) => {
      if (opening.direction !== 'egress' || opening.role !== undefined) return [];
      const meant = addressMeant(opening) ?? podsMeant(opening, subject);
      if (meant === undefined) return [];
      const { field } = opening;
      return [{ field, subject: shortField(field), found: meant.found, reason: `${meant.why}; ${remedy}` }];
    });
  },
};

const remedy = 'allow the addresses of "kubectl get endpointslice kubernetes -n default"';

interface Meant {
  readonly found: string;
  readonly why: string;
}

/**
 * The ranges from which the ClusterIPs of a cluster come by default. The first address of the range
 * is that of the API server: kubeadm, k3s and RKE2, EKS (two), OpenShift, MicroK8s, AKS, kOps, GKE.
 */
const serviceRanges = [
  '10.96.0.0/12',
  '10.43.0.0/16',
  '10.100.0.0/16',
  '172.20.0.0/16',
  '172.30.0.0/16',
  '10.152.183.0/24',
  '10.0.0.0/16',
  '100.64.0.0/13',
  '34.118.224.0/20',
].flatMap((cidr) => readCidr(cidr) ?? []);

function addressMeant({ other, rule }: JudgedOpening): Meant | undefined {
  if (other.kind !== 'addresses' || !allowsPort(rule.ports, undefined, 'TCP', 443)) return undefined;
  const { range, cidr } = other.peer;
  const isFirst = serviceRanges.some(({ family, first }) => range.family === family && range.first === first + 1n);
  if (range.first !== range.last || !isFirst) return undefined;
  return { found: cidr, why: `${cidr} is a usual ClusterIP of the API server; a NetworkPolicy never sees a ClusterIP` };
}

function podsMeant({ other, rule }: JudgedOpening, { namespace }: Subject): Meant | undefined {
  if (other.kind !== 'pods') return undefined;
  const { podSelector } = other.peer;
  const component = podSelector.requirements.find(({ key, operator }) => key === 'component' && operator === 'In');
  const isServer = ['apiserver', 'kube-apiserver'].some((name) => component?.values.has(name));
  if (isServer)
    return { found: 'component', why: 'the API server uses the network of its node; no selector matches it' };
  const isDefault = isOnly(other.names, 'default') && namespace !== 'default';
  const isAll = podSelector.requirements.length === 0;
  const isAsked =
    rule.ports !== undefined && [443, 6443].some((port) => allowsPort(rule.ports, undefined, 'TCP', port));
  if (!isDefault || !isAll || !isAsked) return undefined;
  return { found: 'default', why: 'selects Pods of namespace default; the API server is no Pod there' };
}
