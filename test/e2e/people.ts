// People with plain RBAC, as the documentation grants it.
import { documentedRules } from '../fencing/documented-rules.ts';
import type { Manifest } from './objects.ts';

/** Who keeps fences: the rights that docs/fencing.md lists, and the permissions that Ringfence asks for. */
export function fenceKeeperRole(user: string): readonly Manifest[] {
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  const rules = [
    ...documentedRules(),
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
