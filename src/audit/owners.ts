import type { LoadedDocument } from '../documents/document.ts';
import { controllerIn, textAt, valueAt } from '../kubernetes/raw-object.ts';

/** An object by its kind and name, within a namespace. */
export interface Named {
  readonly kind: string;
  readonly name: string;
}

/**
 * Returns a function that finds the workloads above an object by its controllers (meta/v1
 * OwnerReference.controller), nearest first: for a Pod its ReplicaSet and, if that is among the
 * documents, its Deployment. Empty for an object without a controller.
 */
export function findOwners(
  documents: readonly LoadedDocument[],
): (namespace: string, object: Named) => readonly Named[] {
  const controllers = new Map<string, Named>();
  for (const { object } of documents) {
    const controller = controllerIn(valueAt(object, 'metadata', 'ownerReferences'));
    const [kind, name] = [textAt(controller, 'kind'), textAt(controller, 'name')];
    if (kind === undefined || name === undefined) continue;
    const own = { kind: textAt(object, 'kind') ?? '', name: textAt(object, 'metadata', 'name') ?? '' };
    controllers.set(keyOf(textAt(object, 'metadata', 'namespace') ?? '', own), { kind, name });
  }
  return (namespace, object) => {
    const owners: Named[] = [];
    // Knative has five levels. The cap ends a circle of references.
    for (let next = controllers.get(keyOf(namespace, object)); next !== undefined && owners.length < 8; ) {
      owners.push(next);
      next = controllers.get(keyOf(namespace, next));
    }
    return owners;
  };
}

function keyOf(namespace: string, { kind, name }: Named): string {
  return `${namespace}/${kind}/${name}`;
}
