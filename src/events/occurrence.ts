import type { ObjectReference } from './ports.ts';

/**
 * One thing that people should find on the object concerned.
 */
export interface Occurrence {
  /**
   * A request was refused, it was admitted because of one of Ringfence's own permissions, or an
   * object exists that would be refused if it were created now.
   */
  readonly reason: 'Denied' | 'PermissionUsed' | 'WouldBeRefused';
  /** AdmissionRequest.uid, which identifies the audit line. Empty if there was no request. */
  readonly uid: string;
  /** The object that carries the Event, if the API server itself has named it. */
  readonly object?: ObjectReference;
  /**
   * The object of the request: its kind, its namespace (undefined for a Namespace), and its name
   * (empty if it has none yet).
   */
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  /** The object's metadata.ownerReferences as received. A user may have written them. */
  readonly owners: unknown;
  /** The ids of the checks that decided. */
  readonly checks: readonly string[];
  /** The message that the person received. Its lines begin with `Kind namespace/name:`. */
  readonly message: string;
}

/** Whether it reports how things are, and not something that happens again. */
export function isState({ reason }: Pick<Occurrence, 'reason'>): boolean {
  return reason === 'WouldBeRefused';
}
