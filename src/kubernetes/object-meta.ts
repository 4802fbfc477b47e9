/** The parts of meta/v1 ObjectMeta that Ringfence reads or writes. */
export interface ObjectMeta {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

/** meta/v1 OwnerReference. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/**
 * core/v1 Namespace, with the fields that Ringfence reads. A metadata-only list omits the status.
 */
export interface RawNamespace {
  readonly metadata: ObjectMeta;
  readonly status?: { readonly phase?: string };
}

/** Any object as the API server sent it. Only the fields of metadata have a known type. */
export interface RawObject {
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}
