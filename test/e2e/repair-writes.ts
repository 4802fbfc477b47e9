// The writes with which a cluster repairs itself, and those that Ringfence's own repair needs. None
// of them may depend on Ringfence.
import { namespacesPath } from '../../src/cluster/resources.ts';
import { binding, event } from './cluster-objects.ts';
import type { DownWrite } from './down-writes.ts';
import { ownNamespace } from './installation.ts';
import { inNamespace, networkPolicy, pod, podLabels, workload } from './objects.ts';

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

/** Returns the writes. `turn` makes the names unique. */
export function repairWrites(turn: string): readonly DownWrite[] {
  const row = (title: string, method: DownWrite['method'], path: string, body?: object): DownWrite => {
    return { fails: 'never', title, method, path, ...(body === undefined ? {} : { body }) };
  };
  const name = `repair-${turn}`;
  const changed = { metadata: { labels: { turn } } };
  const template = { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': turn } } } } };
  const inside = ['kube-system', ownNamespace].flatMap((home) => {
    const deployment = inNamespace(home, workload('Deployment', name, {}));
    const policy = inNamespace(home, networkPolicy(name, {}, { ingress: [{}] }));
    return [
      row(`${home}: Deployment`, 'POST', `/apis/apps/v1/namespaces/${home}/deployments`, deployment),
      row(`${home}: NetworkPolicy`, 'POST', `/apis/networking.k8s.io/v1/namespaces/${home}/networkpolicies`, policy),
      row(`${home}: ConfigMap`, 'POST', `${namespacesPath}/${home}/configmaps`, { metadata: { name } }),
      row(`${home}: Event`, 'POST', `${namespacesPath}/${home}/events`, event(home)),
    ];
  });
  const pods = `${namespacesPath}/kube-system/pods`;
  return [
    ...inside,
    row('kube-system: Pod', 'POST', pods, inNamespace('kube-system', pod(name, {}))),
    row('kube-system: Pod relabelled', 'PATCH', `${pods}/${name}`, changed),
    row('kube-system: Pod bound, with labels', 'POST', `${pods}/${name}/binding`, binding(name, podLabels)),
    // The ReplicaSet creates the Pods again, as at a restart.
    row('Ringfence restarted', 'PATCH', `/apis/apps/v1/namespaces/${ownNamespace}/deployments/ringfence`, template),
    row('configuration changed', 'PATCH', `${namespacesPath}/${ownNamespace}/configmaps/ringfence`, changed),
    row('kube-system relabelled', 'PATCH', `${namespacesPath}/kube-system`, changed),
    row('default relabelled', 'PATCH', `${namespacesPath}/default`, changed),
    row('own namespace relabelled', 'PATCH', `${namespacesPath}/${ownNamespace}`, changed),
    row('own namespace given an identity', 'PATCH', `${namespacesPath}/${ownNamespace}`, {
      metadata: { labels: { team: turn } },
    }),
    row('own namespace relabelled by its status', 'PATCH', `${namespacesPath}/${ownNamespace}/status`, changed),
    row('Node created', 'POST', '/api/v1/nodes', { metadata: { name } }),
    row('Node relabelled', 'PATCH', '/api/v1/nodes/node-1', changed),
    row("Node's status", 'PATCH', '/api/v1/nodes/node-1/status', { status: { phase: 'Running' } }),
    row('Lease created', 'POST', leases, { metadata: { name }, spec: {} }),
    row('Lease renewed', 'PATCH', `${leases}/${name}`, { spec: { holderIdentity: turn } }),
    row('ClusterRole created', 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name } }),
  ];
}
