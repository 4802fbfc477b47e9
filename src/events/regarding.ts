import { apiVersionOf, getKind, type WorkloadKind } from '../kubernetes/kinds.ts';
import type { CallLimits } from '../retry/limits.ts';
import { type Claim, type OwnerClaim, ownerIn } from './claim.ts';
import type { NamespaceGetter, ObjectReference, OwnerGetter } from './ports.ts';

/** Where an Event goes: what it is about, and the namespace it is stored in. */
export interface Regarding {
  readonly object: ObjectReference;
  readonly namespace: string;
}

export interface RegardingPorts {
  readonly owners: OwnerGetter;
  readonly namespaces: NamespaceGetter;
}

/** What people scale, roll out and look at, above what a controller made for it. */
const above: Readonly<Partial<Record<WorkloadKind, WorkloadKind>>> = { ReplicaSet: 'Deployment', Job: 'CronJob' };

/**
 * Finds the object a person looks at: the workload that made the object of the request, and the
 * Deployment or CronJob above that; else the namespace. OwnerReferences are what a user wrote, so
 * each is held against the API server, by name and uid. Undefined where there is no object to stand
 * on, or nothing can be written there any more. Throws where the API server gives no answer.
 */
export async function findRegarding(
  { namespace, isNamespace, owner }: Claim,
  { owners, namespaces }: RegardingPorts,
  options: CallLimits,
): Promise<Regarding | undefined> {
  if (owner !== undefined) {
    const object = await findOwner(owner);
    if (object !== undefined) return { object, namespace };
  }
  return aboutNamespace();

  async function findOwner(claimed: OwnerClaim): Promise<ObjectReference | undefined> {
    const found = await read(claimed);
    if (found === undefined) return undefined;
    const next = ownerIn(found.metadata.ownerReferences);
    const isAbove = next !== undefined && next.kind === above[claimed.kind] && (await read(next)) !== undefined;
    const { kind, name, uid } = isAbove ? next : claimed;
    return { apiVersion: apiVersionOf(getKind(kind)), kind, namespace, name, uid };
  }

  async function read({ kind, name, uid }: OwnerClaim) {
    const found = await owners.get(kind, namespace, name, options);
    return found?.metadata.uid === uid ? found : undefined;
  }

  async function aboutNamespace(): Promise<Regarding | undefined> {
    const found = await namespaces.get(namespace, options);
    const object = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
    // The API server wants an Event in the namespace of its object, and for an object without one
    // in `default`: there is no better place for a Namespace whose creation was refused.
    if (found === undefined) return isNamespace ? { object, namespace: 'default' } : undefined;
    const { uid, deletionTimestamp } = found.metadata;
    // Nothing new can be stored in a namespace that ends.
    if (deletionTimestamp !== undefined) return undefined;
    // A Namespace is in no namespace, but said to be in itself its Event is stored, and shown by
    // `kubectl get events`, where its people look.
    return { object: { ...object, namespace, ...(uid === undefined ? {} : { uid }) }, namespace };
  }
}
