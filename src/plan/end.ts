/**
 * One end of a flow, as a plan names it. Two ends are the same if all their keys are equal. These
 * are the keys of the output (schemas/plan.schema.json).
 */
export type End =
  /** A workload of the manifests, whichever of its Pods it was: `deployment/cart`. */
  | { readonly kind: 'workload'; readonly namespace: string; readonly workload: string }
  /** A Pod that belongs to no workload of the manifests. */
  | { readonly kind: 'namespace'; readonly namespace: string }
  /** `host` is the node that the other end runs on. */
  | { readonly kind: 'node'; readonly name: 'host' | 'remote-node' }
  | { readonly kind: 'apiserver' }
  /** A proxy for ingress that is no Pod. */
  | { readonly kind: 'ingress' }
  /** The name in DNS, the configured peer, or the block of the address. */
  | { readonly kind: 'outside'; readonly name: string }
  | { readonly kind: 'unresolved' };

/** A text that is the same for equal ends only. */
export function keyOfEnd(end: End): string {
  return JSON.stringify([end.kind, ...Object.values(end)]);
}

/** The namespace of an end that is Pods; undefined for any other end. */
export function namespaceOf(end: End): string | undefined {
  return end.kind === 'workload' || end.kind === 'namespace' ? end.namespace : undefined;
}

/** An end in words: `shop/deployment/cart`, `outside api.example.com`. */
export function formatEnd(end: End): string {
  switch (end.kind) {
    case 'workload':
      return `${end.namespace}/${end.workload}`;
    case 'namespace':
      return `${end.namespace} (Pods of no known workload)`;
    case 'node':
      return end.name === 'host' ? 'its own node' : 'another node';
    case 'apiserver':
      return 'the API server';
    case 'ingress':
      return 'an ingress proxy that is no Pod';
    case 'outside':
      return `outside ${end.name}`;
    case 'unresolved':
      return 'unresolved';
  }
}
