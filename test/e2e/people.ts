// People with plain RBAC.
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { documentedRules } from '../fencing/documented-rules.ts';
import { eventually } from './installation.ts';
import type { Manifest } from './objects.ts';
import { openTerminal } from './terminal.ts';

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

/**
 * Applies roles with their bindings, and waits until they hold for one of those who are bound: a
 * declared user, or a kubeconfig. The API server learns of a role a moment after it is stored.
 */
export async function grant(controlPlane: ControlPlane, to: string, ...roles: readonly Manifest[]): Promise<void> {
  await openTerminal(controlPlane, 'admin').run('apply -f -', ...roles);
  const person = openTerminal(controlPlane, to);
  for (const { metadata, rules = [] } of roles as readonly Role[]) {
    // The rules of a role become known together.
    const rule = rules.at(-1);
    if (rule === undefined) continue;
    const [group, resource, verb, name] = [rule.apiGroups, rule.resources, rule.verbs, rule.resourceNames ?? []].map(
      ([first]) => first,
    );
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { namespace: metadata.namespace, group, resource, verb, name } },
    };
    await eventually(`${to} to be allowed to ${verb} ${resource}`, async () =>
      (await person.run('create --validate=false -o jsonpath={.status.allowed} -f -', review)).includes('true'),
    );
  }
}

/** A Role or a ClusterRole. */
interface Role extends Manifest {
  readonly metadata: { readonly namespace?: string };
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
}
