// Objects as network plugins and distributions lay them, and the rights of a person who looks at
// them.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './objects.ts';

/** The roles as docs/doctor.md has them. */
export function documentedRoles(): readonly Manifest[] {
  const [, yaml = ''] = /```yaml\n(apiVersion: rbac[^`]+)```/.exec(readFileSync('docs/doctor.md', 'utf8')) ?? [];
  return parseAllDocuments(yaml).map((document) => document.toJS() as Manifest);
}

/** Binds both to a user. */
export function bindingsOf(user: string): readonly Manifest[] {
  const subjects = [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }];
  const base = { apiVersion: 'rbac.authorization.k8s.io/v1', subjects };
  const roleRef = (kind: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name: 'ringfence-doctor' });
  return [
    { ...base, kind: 'ClusterRoleBinding', metadata: { name: 'test-doctor' }, roleRef: roleRef('ClusterRole') },
    {
      ...base,
      kind: 'RoleBinding',
      metadata: { name: 'test-doctor', namespace: 'ringfence-system' },
      roleRef: roleRef('Role'),
    },
  ] as readonly Manifest[];
}

function daemonSetOf(name: string, image: string, args: readonly string[] = []): Manifest {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: 'kube-system' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'agent', image, args }] } },
    },
  };
}

/** A Pod with named ports. */
export function podOf(
  namespace: string,
  name: string,
  labels: Record<string, string>,
  ports: Readonly<Record<string, number | undefined>> = {},
): Manifest {
  const named = Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort }));
  const containers = [{ name: 'main', image: 'example', ports: named, securityContext: confined }];
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels },
    spec: { securityContext, containers },
  };
}

/** What the restricted Pod Security Standard asks of a container. */
const confined = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/** Cilium only audits, DNS is cached and listens elsewhere, and others decide too. */
export function clusterWithCilium(): readonly Manifest[] {
  const config = { 'policy-audit-mode': 'true', 'enable-policy': 'never', labels: 'k8s:app' };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { 'ringfence.dev/fence': 'true' } } },
    daemonSetOf('cilium', 'quay.io/cilium/cilium:v1.20.2'),
    daemonSetOf('node-local-dns', 'dns/k8s-dns-node-cache', ['-localip', '169.254.20.10,10.0.0.10']),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cilium-config', namespace: 'kube-system' },
      data: config,
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system' },
      spec: {
        selector: { 'k8s-app': 'kube-dns' },
        ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' }],
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'kube-dns-x', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.7'] }],
      ports: [{ name: 'dns', port: 5353, protocol: 'UDP' }],
    },
    podOf('kube-system', 'coredns-1', { 'k8s-app': 'kube-dns' }),
    onHostNetwork(podOf('shop', 'node-exporter', {})),
    { apiVersion: 'cilium.io/v1', kind: 'CiliumNetworkPolicy', metadata: { namespace: 'shop', name: 'open' } },
    {
      apiVersion: 'policy.networking.k8s.io/v1',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'last' },
      spec: { tier: 'Baseline' },
    },
  ];
}

function onHostNetwork(pod: Manifest): Manifest {
  return { ...pod, spec: { ...(pod['spec'] as object), hostNetwork: true } };
}
