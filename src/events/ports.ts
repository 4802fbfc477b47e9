import type { WorkloadKind } from '../kubernetes/kinds.ts';
import type { CallLimits } from '../retry/limits.ts';

/** core/v1 ObjectReference: the object that an Event is about. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
}

/** core/v1 Event, as Ringfence makes it. Times are in RFC 3339, to the second. */
export interface NewEvent {
  readonly apiVersion: 'v1';
  readonly kind: 'Event';
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly involvedObject: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly source: { readonly component: string };
  readonly reportingComponent: string;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly count: number;
}

/**
 * The fields that are read from a stored Event. Anyone with rights in the namespace may have
 * written them.
 */
export interface StoredEvent {
  readonly metadata: { readonly resourceVersion?: string };
  readonly count?: unknown;
}

/** A merge patch of an Event. It applies only if the Event still has that resourceVersion. */
export interface EventChange {
  readonly metadata?: {
    readonly resourceVersion: string | undefined;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly count?: number;
  readonly lastTimestamp?: string;
  readonly message?: string;
}

/** Writes Events. Errors carry the HTTP status as `code`. */
export interface EventWriter {
  /** Fails with 409 if an Event of that name exists. */
  create(event: NewEvent, options?: CallLimits): Promise<StoredEvent>;
  /** Fails with 404 if there is no such Event, and with 409 if it has changed since. */
  patch(namespace: string, name: string, change: EventChange, options?: CallLimits): Promise<StoredEvent>;
}

/** Reads a workload live. Undefined if there is none of that name. */
export interface OwnerGetter {
  get(
    kind: WorkloadKind,
    namespace: string,
    name: string,
    options?: CallLimits,
  ): Promise<{ readonly metadata: { readonly uid?: string; readonly ownerReferences?: unknown } } | undefined>;
}

/** Reads a namespace live. Undefined if there is none. */
export interface NamespaceGetter {
  get(
    name: string,
    options?: CallLimits,
  ): Promise<{ readonly metadata: { readonly uid?: string; readonly deletionTimestamp?: string } } | undefined>;
}
