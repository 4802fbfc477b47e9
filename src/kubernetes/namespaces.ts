import type { LabelSelectorRequirement } from './network-policy.ts';

/** The label that the API server keeps on every namespace (core/v1 LabelMetadataName). */
export const metadataNameLabel = 'kubernetes.io/metadata.name';

/** The namespaces that every cluster has. */
export const builtInNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;

/** Whether every cluster has a namespace of this name. */
export function isBuiltInNamespace(name: string): boolean {
  return builtInNamespaces.some((one) => one === name);
}

/** Those of them that hold what the cluster itself runs on. */
export const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease'] as const;

/** Selects all namespaces but some. Nobody can change the label that the API server keeps. */
export function outsideOf(names: readonly string[]): LabelSelectorRequirement {
  return { key: metadataNameLabel, operator: 'NotIn', values: names };
}
