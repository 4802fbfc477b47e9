/** One thing that happened at admission and that people should find where they look. */
export interface Occurrence {
  /** A request was refused; or it was admitted because of a permission of Ringfence's own. */
  readonly reason: 'Denied' | 'PermissionUsed';
  /** AdmissionRequest.uid, by which the audit line is found. */
  readonly uid: string;
  /**
   * The object of the request: its kind, its namespace (undefined for a Namespace), and its name
   * ('' where it has none yet).
   */
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  /** Its metadata.ownerReferences as they came: a user may have written them. */
  readonly owners: unknown;
  /** The ids of the checks that decided. */
  readonly checks: readonly string[];
  /** What the person was told; lines beginning with `Kind namespace/name:`. */
  readonly message: string;
}
