import { isKubernetesGroup, kinds } from '../kubernetes/kinds.ts';
import { otherPolicyKinds } from '../kubernetes/other-policies.ts';
import { recordOf } from '../kubernetes/raw-object.ts';
import { type Incoherence, list } from './incoherence.ts';

/** Finds the problems of `workloads` that the schema cannot express. */
export function judgeWorkloads(workloads: unknown): Incoherence[] {
  const seen = new Set<string>();
  return list(workloads).flatMap((entry, index) => {
    const { group, kind, resource } = recordOf(entry);
    if (typeof group !== 'string' || typeof kind !== 'string' || typeof resource !== 'string') return [];
    const path = ['workloads', index];
    const names = [`${group}/${kind}`, `${group}/${resource}`];
    const isRepeated = names.some((name) => seen.has(name));
    for (const name of names) seen.add(name);
    const fault = findFault({ group, kind, resource });
    return [
      ...(isRepeated ? [{ path, message: `${kind} of ${group} is already in the list` }] : []),
      ...(fault === undefined ? [] : [{ path: [...path, fault.field], message: fault.message }]),
    ];
  });
}

/**
 * The kinds that a configuration lists, for the fields that name a kind. Unreadable entries are
 * omitted.
 */
export function listedKinds(workloads: unknown): readonly string[] {
  return list(workloads).flatMap((entry) => {
    const { kind } = recordOf(entry);
    return typeof kind === 'string' ? [kind] : [];
  });
}

function findFault({
  group,
  kind,
  resource,
}: Readonly<Record<'group' | 'kind' | 'resource', string>>):
  | { readonly field: string; readonly message: string }
  | undefined {
  const judged = kinds.find((one) => one.group === group && (one.kind === kind || one.resource === resource));
  if (judged !== undefined)
    return { field: 'kind', message: `${judged.kind} of ${group} is always judged; remove it from the list` };
  // All of Kubernetes' own kinds that make Pods are in the table.
  if (isKubernetesGroup(group))
    return { field: 'group', message: `${group} is a group of Kubernetes itself, whose workloads are always judged` };
  const role = kinds.find((one) => one.kind === kind && one.template.length === 0);
  if (role !== undefined)
    return { field: 'kind', message: `messages and checks would take it for the ${kind} of Kubernetes` };
  if (otherPolicyKinds.some((one) => one.group === group && (one.kind === kind || one.resource === resource)))
    return { field: 'kind', message: `${kind} of ${group} is a policy and makes no Pods` };
  return undefined;
}
