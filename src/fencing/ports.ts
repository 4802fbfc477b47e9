import type { ObjectMeta } from '../kubernetes/object-meta.ts';

/**
 * The place of an object in the API: the prefix of the API (`/api/v1`,
 * `/apis/networking.k8s.io/v1`), the plural name of the resource, the namespace and the name.
 */
export interface Location {
  readonly api: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
}

/** An object as the API server sent it. Only the fields of metadata have a known type. */
export interface StoredObject {
  readonly metadata: ObjectMeta;
}

/**
 * Reads and writes the objects of a cluster, with the rights of the person who runs the command.
 * Errors carry the HTTP status as `code`.
 */
export interface Objects {
  /** Reads an object live; undefined if it does not exist. */
  get(location: Location): Promise<StoredObject | undefined>;
  /** Reads the whole list live; undefined if the API server does not serve the resource. */
  list(
    location: Omit<Location, 'name'>,
    selectors?: Readonly<Record<string, string>>,
  ): Promise<readonly StoredObject[] | undefined>;
  /**
   * Merges into the metadata; null removes a key. A uid or resourceVersion in it is a precondition:
   * the API server answers 409 if it differs.
   */
  patchMetadata(
    location: Location,
    metadata: Readonly<Record<string, unknown>>,
    options: { readonly dryRun: boolean; readonly onWarning: (text: string) => void },
  ): Promise<StoredObject>;
  /**
   * Deletes the object if it is still the one that was read; otherwise the API server answers 409.
   * An object that no longer exists is not an error.
   */
  remove(location: Location, preconditions: { readonly uid: string; readonly resourceVersion: string }): Promise<void>;
}

/** A verb on a resource. Without namespace and name, it applies everywhere. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Times in milliseconds. `uptime` counts from some fixed moment. */
export interface Clock {
  uptime(): number;
  sleep(ms: number): Promise<void>;
}

export interface FencingPorts {
  readonly objects: Objects;
  /** Whether the person has a right. Throws if the API server does not answer. */
  readonly isAllowed: (right: Right) => Promise<boolean>;
  readonly clock: Clock;
  /** Tells the person, in one line, what the command waits for. */
  readonly progress: (line: string) => void;
  /**
   * Shows what will be done and resolves to whether the person agrees. It is not called if there is
   * nothing to do, or for a dry run.
   */
  readonly confirm: (intent: Intent) => Promise<boolean>;
}

/** What is about to be done. */
export interface Intent {
  readonly title: string;
  readonly steps: readonly Step[];
  /** What the person should know before agreeing, one sentence each. */
  readonly cautions: readonly string[];
}

/**
 * - `mark`, `unmark`: Ringfence's labels of a namespace are set or removed.
 * - `confirm`: the trial of a namespace is confirmed.
 * - `stage`: a policy is staged, and decides nothing.
 * - `make`, `replace`, `correct`: the reconciler makes a missing object, replaces its specification
 *   or corrects its metadata, and the command waits for it.
 * - `delete`: the object is deleted.
 * - `release`: the object stays, without Ringfence's label and annotation.
 * - `leave`: the object stays unchanged.
 */
export type Action =
  | 'mark'
  | 'confirm'
  | 'stage'
  | 'make'
  | 'replace'
  | 'correct'
  | 'unmark'
  | 'delete'
  | 'release'
  | 'leave';

/** An action on one object, done or planned. */
export interface Step {
  readonly action: Action;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** The details of the action, or its reason. */
  readonly detail?: string;
}
