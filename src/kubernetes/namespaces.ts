/** The label that the API server keeps on every namespace (core/v1 LabelMetadataName). */
export const metadataNameLabel = 'kubernetes.io/metadata.name';

/** The namespaces that every cluster has. */
export const builtInNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;
