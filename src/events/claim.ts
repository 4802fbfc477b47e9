import { getKind, groupVersionOf, isWorkloadKind, type WorkloadKind } from '../kubernetes/kinds.ts';
import { controllerIn } from '../kubernetes/raw-object.ts';
import type { Occurrence } from './occurrence.ts';
import type { ObjectReference } from './ports.ts';

/**
 * The object that an occurrence claims as the subject of its Event. Only the API server knows
 * whether the claim is true.
 */
export interface Claim {
  readonly namespace: string;
  /** Whether the request was about the Namespace itself. */
  readonly isNamespace: boolean;
  /**
   * The workload that made the object. Undefined if no workload is named, or if its kind is not one
   * that Kubernetes' own controllers use.
   */
  readonly owner: OwnerClaim | undefined;
  /**
   * Whether a controller made the object. Its name is then generated, and the next attempt has
   * another name.
   */
  readonly isMade: boolean;
  /** The object itself, if it is known to exist and nothing has to be looked up. */
  readonly object?: ObjectReference | undefined;
}

/** The controlling ownerReference. */
export interface OwnerClaim {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly uid: string;
}

/**
 * The claim of an occurrence. Undefined if Kubernetes would not accept the name of the namespace:
 * then no object can carry the Event.
 */
export function claimOf({ kind, namespace, name, owners, object }: Occurrence): Claim | undefined {
  const isNamespace = kind === 'Namespace';
  const place = isNamespace ? name : namespace;
  if (place === undefined || !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(place)) return undefined;
  const controller = isNamespace ? undefined : controllerIn(owners);
  return { namespace: place, isNamespace, owner: readOwner(controller), isMade: controller !== undefined, object };
}

/** The workload that controls an object, from its metadata.ownerReferences. */
export function ownerIn(owners: unknown): OwnerClaim | undefined {
  return readOwner(controllerIn(owners));
}

function readOwner(reference: ReturnType<typeof controllerIn>): OwnerClaim | undefined {
  const { apiVersion, kind, name, uid } = reference ?? {};
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isWorkloadKind(kind)) return undefined;
  if (
    groupVersionOf(apiVersion).group !== getKind(kind).group ||
    !isName(name) ||
    typeof uid !== 'string' ||
    uid === '' ||
    uid.length > uidLimit
  )
    return undefined;
  return { kind, name, uid };
}

/**
 * Kubernetes makes UUIDs (36 characters), but does not prescribe the form of an ownerReference's
 * uid.
 */
const uidLimit = 64;

/** A DNS subdomain. A text of another form names no object, and must not become part of a path. */
function isName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name);
}
