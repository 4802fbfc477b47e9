// The rights of the people of docs/security.md. RBAC allows them every change of Namespaces, and
// each has one of Ringfence's shipped roles or none.
import { resolve } from 'node:path';
import type { Manifest } from './objects.ts';
import type { Terminal } from './terminal.ts';

const rbac = 'rbac.authorization.k8s.io';

/** Applies the roles of manifests/roles, and binds them. */
export async function bindRoles(admin: Terminal): Promise<void> {
  await admin.run(`apply -k ${resolve('manifests/roles')}`);
  for (const example of ['team-shop-in-dev', 'keepers'])
    await admin.run(`apply -f ${resolve(`manifests/roles/examples/${example}.yaml`)}`);
  await admin.run('apply -f -', ...plainRole, binding('viewers', 'ringfence-viewer', 'User', 'viewer'));
}

/** The rights of every user: all verbs on Namespaces, so that only Ringfence decides. */
const plainRole: readonly Manifest[] = [
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'namespaces' },
    rules: [{ apiGroups: [''], resources: ['namespaces', 'namespaces/status', 'namespaces/finalize'], verbs: ['*'] }],
  },
  binding('namespaces', 'namespaces', 'Group', 'people'),
];

export function binding(name: string, role: string, kind: 'User' | 'Group', subject: string): Manifest {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: rbac, kind, name: subject }],
  };
}
