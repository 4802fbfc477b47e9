import { apiVersionOf, getKind, type WorkloadKind } from '../kubernetes/kinds.ts';
import type { CallLimits } from '../retry/limits.ts';
import { type Claim, type OwnerClaim, ownerIn } from './claim.ts';
import type { NamespaceGetter, ObjectReference, OwnerGetter } from './ports.ts';

/** The place of an Event: the object that it is about, and the namespace that stores it. */
export interface Regarding {
  readonly object: ObjectReference;
  readonly namespace: string;
}

export interface RegardingPorts {
  readonly owners: OwnerGetter;
  readonly namespaces: NamespaceGetter;
}

/**
 * The workloads that people scale, roll out and look at, by the workload that a controller made for
 * them.
 */
const above: Readonly<Partial<Record<WorkloadKind, WorkloadKind>>> = { ReplicaSet: 'Deployment', Job: 'CronJob' };

/**
 * Finds the object that a person looks at: the workload that made the object of the request, or the
 * Deployment or CronJob above that workload, or else the namespace. A user may have written the
 * ownerReferences, so each one is checked against the API server, by name and uid. Undefined if no
 * object can carry the Event, or if nothing can be written there any more. Throws if the API server
 * does not answer.
 */
export async function findRegarding(
  { namespace, isNamespace, owner, object }: Claim,
  { owners, namespaces }: RegardingPorts,
  options: CallLimits,
): Promise<Regarding | undefined> {
  if (object !== undefined) return { object, namespace };
  if (owner !== undefined) {
    const found = await findOwner(owner);
    if (found !== undefined) return { object: found, namespace };
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
    // The API server requires that an Event is in the namespace of its object, and in `default` if
    // the object has no namespace. For a Namespace whose creation was refused there is no better
    // place.
    if (found === undefined) return isNamespace ? { object, namespace: 'default' } : undefined;
    const { uid, deletionTimestamp } = found.metadata;
    // Nothing new can be stored in a namespace that is being deleted.
    if (deletionTimestamp !== undefined) return undefined;
    // A Namespace is in no namespace. If the reference says that it is in itself, its Event is
    // stored there, and `kubectl get events` shows it where its users look.
    return { object: { ...object, namespace, ...(uid === undefined ? {} : { uid }) }, namespace };
  }
}
