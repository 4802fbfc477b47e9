import { type JudgedResource, judgedResources } from './kinds.ts';

/** admissionregistration.k8s.io/v1 RuleWithOperations. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly string[];
  readonly scope: 'Cluster' | 'Namespaced';
}

/** The rules that ask for the resources of an entry, group by group, and for updates of subresources. */
export function rulesOf(
  entry: JudgedResource['entry'],
  operations: readonly string[],
  subresources: readonly string[] = [],
): readonly Rule[] {
  const judged = judgedResources.filter((resource) => resource.entry === entry);
  const scope = entry === 'namespaces' ? 'Cluster' : 'Namespaced';
  const rule = (group: string, resources: readonly string[], on: readonly string[]): Rule => ({
    apiGroups: [group],
    apiVersions: ['v1'],
    resources,
    operations: on,
    scope,
  });
  return [
    ...[...new Set(judged.map((resource) => resource.group))].map((group) =>
      rule(
        group,
        judged.filter((resource) => resource.group === group).map((resource) => resource.resource),
        operations,
      ),
    ),
    ...(subresources.length > 0 ? [rule('', subresources, ['UPDATE'])] : []),
  ];
}

/** A Binding comes as a creation of `bindings` or of `pods/binding`; its labels overwrite the Pod's. */
export function podRules(): readonly Rule[] {
  const core = { apiGroups: [''], apiVersions: ['v1'], scope: 'Namespaced' } as const;
  return [
    ...rulesOf('pods', ['CREATE', 'UPDATE']),
    { ...core, resources: ['pods/status'], operations: ['UPDATE'] },
    { ...core, resources: ['pods/binding', 'bindings'], operations: ['CREATE'] },
  ];
}
