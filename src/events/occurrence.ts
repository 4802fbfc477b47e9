/**
 * One thing that happened at admission and that people should find on the object concerned.
 */
export interface Occurrence {
  /** A request was refused, or it was admitted because of one of Ringfence's own permissions. */
  readonly reason: 'Denied' | 'PermissionUsed';
  /** AdmissionRequest.uid, which identifies the audit line. */
  readonly uid: string;
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
