// People with plain RBAC, as the documentation grants it.
import type { Manifest } from './objects.ts';

/** Who keeps fences: the rights that docs/fencing.md lists (a unit test holds the calls of the commands against them), and the permissions of Ringfence. */
export function fenceKeeperRole(user: string): readonly Manifest[] {
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  const rules = [
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'patch'] },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'delete'] },
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
      resourceNames: ['ringfence'],
      verbs: ['get'],
    },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['ringfence'], verbs: ['get'] },
    { apiGroups: ['ringfence.dev'], resources: ['fences'], verbs: ['fence', 'lower'] },
  ];
  const name = `keeper-${user}`;
  return [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects,
    },
  ];
}
