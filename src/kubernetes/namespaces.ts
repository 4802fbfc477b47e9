import type { LabelSelectorRequirement } from './network-policy.ts';

/** The label that the API server keeps on every namespace (core/v1 LabelMetadataName). */
export const metadataNameLabel = 'kubernetes.io/metadata.name';

/** The namespaces that every cluster has. */
export const builtInNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;

/** Whether every cluster has a namespace of this name. */
export function isBuiltInNamespace(name: string): boolean {
  return builtInNamespaces.some((one) => one === name);
}

/** The built-in namespaces that contain the cluster's own components. */
export const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease'] as const;

/** Selects all namespaces except these, by a label that only the API server sets. */
export function outsideOf(names: readonly string[]): LabelSelectorRequirement {
  return { key: metadataNameLabel, operator: 'NotIn', values: names };
}
