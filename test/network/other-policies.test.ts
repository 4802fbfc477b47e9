import { describe, expect, it } from 'vitest';
import { otherPolicyKinds } from '../../src/kubernetes/other-policies.ts';
import { readOtherPolicy, selectsPod } from '../../src/network/other-policies.ts';
import type { Pod } from '../../src/network/world.ts';

const web: Pod = {
  namespace: 'shop',
  name: 'web',
  labels: new Map([
    ['app', 'web'],
    ['tier', 'front'],
  ]),
  addresses: [],
  hostNetwork: false,
  nodeAddresses: [],
  ports: [],
};
const labels = new Map([
  ['kubernetes.io/metadata.name', 'shop'],
  ['env', 'prod'],
]);

/** Whether a policy selects web, which is in namespace shop. */
function selected(apiVersion: string, kind: string, spec: unknown, namespace = 'shop', more: object = {}) {
  const policy = readOtherPolicy({ apiVersion, kind, metadata: { name: 'p', namespace }, spec, ...more });
  return policy && selectsPod(policy, web, labels);
}

const app = (value: string) => ({ matchLabels: { app: value } });
const cilium = 'cilium.io/v2';
const calico = 'projectcalico.org/v3';
const antrea = 'crd.antrea.io/v1beta1';
const tiered = 'policy.networking.k8s.io/v1beta1';

describe('a policy of another kind', () => {
  it.each<[string, string, unknown, 'yes' | 'no' | 'maybe']>([
    [cilium, 'CiliumNetworkPolicy', { endpointSelector: {} }, 'yes'],
    [cilium, 'CiliumNetworkPolicy', { endpointSelector: { matchLabels: { 'k8s:app': 'web' } } }, 'yes'],
    [cilium, 'CiliumNetworkPolicy', { endpointSelector: { matchLabels: { 'any:app': 'db' } } }, 'no'],
    [
      cilium,
      'CiliumNetworkPolicy',
      { endpointSelector: { matchExpressions: [{ key: 'k8s:tier', operator: 'In', values: ['front', 'back'] }] } },
      'yes',
    ],
    [
      cilium,
      'CiliumNetworkPolicy',
      { endpointSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } },
      'no',
    ],
    [
      cilium,
      'CiliumClusterwideNetworkPolicy',
      { endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'shop' } } },
      'yes',
    ],
    [
      cilium,
      'CiliumClusterwideNetworkPolicy',
      { endpointSelector: { matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.env': 'dev' } } },
      'no',
    ],
    [
      cilium,
      'CiliumClusterwideNetworkPolicy',
      { endpointSelector: { matchLabels: { 'io.cilium.k8s.policy.serviceaccount': 'a' } } },
      'maybe',
    ],
    [cilium, 'CiliumClusterwideNetworkPolicy', { nodeSelector: {} }, 'no'],
    [calico, 'NetworkPolicy', {}, 'yes'],
    [calico, 'NetworkPolicy', { selector: 'all()' }, 'yes'],
    [calico, 'NetworkPolicy', { selector: "app == 'web' && has(tier)" }, 'yes'],
    [calico, 'NetworkPolicy', { selector: `app in {"db", 'web'} && tier != 'front'` }, 'no'],
    [calico, 'NetworkPolicy', { selector: "app not in {'web'}" }, 'no'],
    [calico, 'NetworkPolicy', { selector: "app == 'db' || app == 'web'" }, 'maybe'],
    [calico, 'GlobalNetworkPolicy', { selector: 'all()', namespaceSelector: "env == 'prod'" }, 'maybe'],
    [calico, 'GlobalNetworkPolicy', { selector: "app == 'db'" }, 'no'],
    [tiered, 'ClusterNetworkPolicy', { subject: { namespaces: { matchLabels: { env: 'prod' } } } }, 'yes'],
    [tiered, 'ClusterNetworkPolicy', { subject: { pods: { namespaceSelector: {}, podSelector: app('db') } } }, 'no'],
    [tiered, 'ClusterNetworkPolicy', { subject: { unheardOf: {} } }, 'maybe'],
    [antrea, 'ClusterNetworkPolicy', { appliedTo: [{ podSelector: app('db') }, { namespaceSelector: {} }] }, 'yes'],
    [antrea, 'ClusterNetworkPolicy', { appliedTo: [{ group: 'g' }] }, 'maybe'],
    [antrea, 'NetworkPolicy', { ingress: [{ appliedTo: [{ podSelector: app('web') }] }] }, 'yes'],
    ['networking.gke.io/v1alpha1', 'FQDNNetworkPolicy', { podSelector: app('web') }, 'yes'],
    ['k8s.ovn.org/v1', 'EgressFirewall', { egress: [] }, 'yes'],
    ['network.openshift.io/v1', 'EgressNetworkPolicy', {}, 'yes'],
    ['networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy', { podSelector: app('db') }, 'no'],
    ['k8s.cni.cncf.io/v1beta1', 'MultiNetworkPolicy', { podSelector: {} }, 'yes'],
    ['security.istio.io/v1', 'AuthorizationPolicy', { selector: app('web') }, 'yes'],
    ['security.istio.io/v1', 'AuthorizationPolicy', { action: 'DENY' }, 'yes'],
    ['security.istio.io/v1', 'AuthorizationPolicy', { targetRefs: [{ kind: 'Gateway', name: 'g' }] }, 'maybe'],
    ['policy.linkerd.io/v1beta3', 'Server', { podSelector: app('db'), port: 80 }, 'no'],
    ['consul.hashicorp.com/v1alpha1', 'ServiceIntentions', { destination: { name: 'web' } }, 'maybe'],
    [cilium, 'CiliumNetworkPolicy', 'no mapping', 'maybe'],
  ])('%s %s %j selects: %s', (apiVersion, kind, spec, expected) => {
    expect(selected(apiVersion, kind, spec)).toBe(expected);
  });

  it('selects in its own namespace only', () => {
    expect(selected(cilium, 'CiliumNetworkPolicy', { endpointSelector: {} }, 'bank')).toBe('no');
    expect(selected('security.istio.io/v1', 'AuthorizationPolicy', {}, 'bank')).toBe('no');
    // The root namespace of the mesh.
    expect(selected('security.istio.io/v1', 'AuthorizationPolicy', {}, 'istio-system')).toBe('yes');
  });

  it('of Cilium has several rules in specs', () => {
    const specs = [{ endpointSelector: app('db') }, { endpointSelector: app('web') }];
    expect(selected(cilium, 'CiliumNetworkPolicy', undefined, 'shop', { specs })).toBe('yes');
  });

  it.each<[string, string, object, readonly string[]]>([
    [cilium, 'CiliumNetworkPolicy', { endpointSelector: {}, ingress: [{}] }, ['ingress']],
    [cilium, 'CiliumNetworkPolicy', { endpointSelector: {}, egressDeny: [{}] }, ['egress']],
    [cilium, 'CiliumNetworkPolicy', { endpointSelector: {}, enableDefaultDeny: { egress: true } }, ['egress']],
    [calico, 'NetworkPolicy', { types: ['Egress'], ingress: [] }, ['egress']],
    [calico, 'NetworkPolicy', {}, ['ingress', 'egress']],
    [tiered, 'ClusterNetworkPolicy', { subject: {}, egress: [{}], ingress: [{}] }, ['ingress', 'egress']],
    ['k8s.ovn.org/v1', 'EgressFirewall', {}, ['egress']],
    ['security.istio.io/v1', 'AuthorizationPolicy', {}, ['ingress']],
  ])('%s %s %j speaks of %j', (apiVersion, kind, spec, directions) => {
    expect(readOtherPolicy({ apiVersion, kind, metadata: { name: 'p' }, spec })?.directions).toEqual(directions);
  });

  it.each(otherPolicyKinds.map((one) => [one.group, one.kind, one] as const))('%s %s is known', (group, kind, row) => {
    const read = readOtherPolicy({ apiVersion: `${group}/v9`, kind, metadata: { name: 'p', namespace: 'shop' } });
    expect(read?.kind).toBe(row);
    expect(read?.namespace).toBe(row.scope === 'Cluster' ? undefined : 'shop');
  });

  it('is no kind of Kubernetes', () => {
    expect(readOtherPolicy({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' })).toBeUndefined();
    expect(readOtherPolicy('text')).toBeUndefined();
  });
});
