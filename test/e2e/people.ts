// People with plain RBAC.
import { documentedRules } from '../fencing/documented-rules.ts';
import type { Manifest } from './objects.ts';

const apiGroup = 'rbac.authorization.k8s.io';

/**
 * A keeper with only the rights that docs/fencing.md lists, and the permissions that Ringfence asks
 * for.
 */
export function leastKeeper(user: string): readonly Manifest[] {
  const permissions = { apiGroups: ['ringfence.dev'], resources: ['fences'], verbs: ['fence', 'lower'] };
  // What the plan reads: everything that may declare a flow.
  const planned = { apiGroups: ['*'], resources: ['*'], verbs: ['list'] };
  const rules = [...documentedRules(), planned, permissions];
  return [
    { apiVersion: `${apiGroup}/v1`, kind: 'ClusterRole', metadata: { name: 'least-keeper' }, rules },
    bindingOf('least-keeper', user),
  ];
}

/** Binds a cluster role to a user. */
export function bindingOf(role: string, user: string): Manifest {
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: `${role}-${user}` },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup, kind: 'User', name: user }],
  };
}
