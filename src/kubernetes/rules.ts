import { exposingKinds } from './exposing-kinds.ts';
import { type KindName, kinds } from './kinds.ts';
import { openingKinds } from './other-policies.ts';
import type { OtherWorkload } from './other-workloads.ts';

/** admissionregistration.k8s.io/v1 RuleWithOperations. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly Operation[];
  readonly scope: 'Cluster' | 'Namespaced';
}

type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** Returns the rules that match these kinds, one for each group. The kinds have one scope. */
export function rulesOf(names: readonly KindName[], operations: readonly Operation[]): readonly Rule[] {
  const asked = kinds.filter(({ kind }) => names.includes(kind));
  return [...new Set(asked.map(({ group }) => group))].map((group) => ({
    apiGroups: [group],
    apiVersions: ['v1'],
    resources: asked.filter((one) => one.group === group).map(({ resource }) => resource),
    operations,
    scope: asked[0]?.scope ?? 'Namespaced',
  }));
}

/**
 * Returns the rules that match policies of other kinds with one scope, in every version. A rule for
 * a resource that is not served matches nothing until the resource is served.
 */
export function otherPolicyRules(scope: Rule['scope']): readonly Rule[] {
  const asked = openingKinds.filter((one) => one.scope === scope);
  return [...new Set(asked.map(({ group }) => group))].map((group) => ({
    apiGroups: [group],
    apiVersions: ['*'],
    resources: asked.filter((one) => one.group === group).map(({ resource }) => resource),
    operations: ['CREATE', 'UPDATE'],
    scope,
  }));
}

/** The rules that match everything that can let the outside in, in every version. */
export const exposingRules: readonly Rule[] = [...Map.groupBy(exposingKinds, ({ group }) => group)].map(
  ([group, members]) => ({
    apiGroups: [group],
    apiVersions: ['*'],
    resources: members.map(({ resource }) => resource),
    operations: ['CREATE', 'UPDATE'],
    scope: 'Namespaced',
  }),
);

/** The rules that ask for workloads of other projects. */
export function otherWorkloadRules(workloads: readonly OtherWorkload[]): readonly Rule[] {
  return workloads.map(({ group, resource, versions }) => ({
    apiGroups: [group],
    apiVersions: versions,
    resources: [resource],
    operations: ['CREATE', 'UPDATE'],
    scope: 'Namespaced',
  }));
}

function coreRule(resources: readonly string[], operation: Operation, scope: Rule['scope'] = 'Namespaced'): Rule {
  return { apiGroups: [''], apiVersions: ['v1'], resources, operations: [operation], scope };
}

/** The subresources that can also change a Namespace's labels. */
export const namespaceSubresources = coreRule(['namespaces/status', 'namespaces/finalize'], 'UPDATE', 'Cluster');

/** The subresource that can also change a Pod's labels. */
export const podStatus = coreRule(['pods/status'], 'UPDATE');

/**
 * ResourceQuotas, and the key by which one counts NetworkPolicies
 * (https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-on-object-count).
 */
export const resourceQuotas: Rule = { ...coreRule(['resourcequotas'], 'CREATE'), operations: ['CREATE', 'UPDATE'] };
export const networkPolicyCount = 'count/networkpolicies.networking.k8s.io';

/** Creation of a Binding, by either resource. Its labels overwrite the Pod's. */
export const bindings = coreRule(['pods/binding', 'bindings'], 'CREATE');
