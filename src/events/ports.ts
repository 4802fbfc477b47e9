import type { WorkloadKind } from '../kubernetes/kinds.ts';
import type { CallLimits } from '../retry/limits.ts';

/** core/v1 ObjectReference: what an Event is about. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
}

/** core/v1 Event, as Ringfence makes it. Times in RFC 3339, to the second. */
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
 * What is read of an Event as it is stored. Anyone with rights in the namespace may have written
 * it.
 */
export interface StoredEvent {
  readonly metadata: { readonly resourceVersion?: string };
  readonly count?: unknown;
}

/** A merge patch of an Event, if it is still at that resourceVersion. */
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
  /** 409 where there is one of that name. */
  create(event: NewEvent, options?: CallLimits): Promise<StoredEvent>;
  /** 404 where there is none, 409 where it has changed since. */
  patch(namespace: string, name: string, change: EventChange, options?: CallLimits): Promise<StoredEvent>;
}

/** Reads a workload live; undefined where there is none of that name. */
export interface OwnerGetter {
  get(
    kind: WorkloadKind,
    namespace: string,
    name: string,
    options?: CallLimits,
  ): Promise<{ readonly metadata: { readonly uid?: string; readonly ownerReferences?: unknown } } | undefined>;
}

/** Reads a namespace live; undefined where there is none. */
export interface NamespaceGetter {
  get(
    name: string,
    options?: CallLimits,
  ): Promise<{ readonly metadata: { readonly uid?: string; readonly deletionTimestamp?: string } } | undefined>;
}
