import { isObject } from '../kubernetes/raw-object.ts';
import { readFront } from './front.ts';

/** The name of a namespaced object. */
export interface Reference {
  readonly namespace: string;
  readonly name: string;
}

/** The other objects that decide where an object leads the outside. */
export interface References {
  readonly services: readonly Reference[];
  readonly gateways: readonly Reference[];
  /** The namespaces whose ReferenceGrants count. */
  readonly grants: readonly string[];
}

/**
 * Returns what an Ingress or a route refers to, each once. A Service refers to nothing: its
 * selector is its own.
 */
export function referencesOf(objects: readonly unknown[], namespace: string): References {
  const fronts = objects.flatMap((object) => (isObject(object) ? (readFront(object, namespace) ?? []) : []));
  const backends = fronts.flatMap((front) => front.backends);
  const parents = fronts.flatMap((front) => front.parents ?? []);
  const foreign = fronts.some((front) => front.parents !== undefined)
    ? backends.filter((backend) => backend.namespace !== namespace)
    : [];
  return {
    services: distinct(backends.map((backend) => ({ namespace: backend.namespace, name: backend.service }))),
    gateways: distinct(parents.filter(({ kind }) => kind === 'Gateway')),
    grants: [...new Set(foreign.map((backend) => backend.namespace))],
  };
}

function distinct(references: readonly Reference[]): readonly Reference[] {
  const byName = new Map(references.map(({ namespace, name }) => [`${namespace}/${name}`, { namespace, name }]));
  return [...byName.values()];
}
