import { getKind, groupVersionOf, isWorkloadKind, type WorkloadKind } from '../kubernetes/kinds.ts';
import { controllerIn } from '../kubernetes/raw-object.ts';
import type { Occurrence } from './occurrence.ts';

/** Whose Event an occurrence says it is. Only the API server knows whether it is true. */
export interface Claim {
  readonly namespace: string;
  /** Whether the request was about the Namespace itself. */
  readonly isNamespace: boolean;
  /**
   * The workload that made the object; undefined where none is named, or it is of a kind that
   * Kubernetes' own controllers do not use.
   */
  readonly owner: OwnerClaim | undefined;
  /**
   * Whether some controller made the object: then its name was made by a machine, and the next
   * attempt has another.
   */
  readonly isMade: boolean;
}

/** The controlling ownerReference. */
export interface OwnerClaim {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly uid: string;
}

/**
 * Undefined where the namespace has no name that Kubernetes would accept: there is nothing an Event
 * could stand on.
 */
export function claimOf({ kind, namespace, name, owners }: Occurrence): Claim | undefined {
  const isNamespace = kind === 'Namespace';
  const place = isNamespace ? name : namespace;
  if (place === undefined || !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(place)) return undefined;
  const controller = isNamespace ? undefined : controllerIn(owners);
  return { namespace: place, isNamespace, owner: readOwner(controller), isMade: controller !== undefined };
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

/** Kubernetes makes UUIDs (36 characters), and leaves the form of an ownerReference's uid open. */
const uidLimit = 64;

/** A DNS subdomain: what is none names no object, and must not get into a path. */
function isName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name);
}
