import type { ObjectMeta } from '../kubernetes/object-meta.ts';

/**
 * Where an object is served: the API's prefix (`/api/v1`, `/apis/networking.k8s.io/v1`), the plural
 * name, and which one.
 */
export interface Location {
  readonly api: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
}

/** An object of the API as it came: what it is called can be relied upon, nothing else. */
export interface StoredObject {
  readonly metadata: ObjectMeta;
}

/**
 * The objects of a cluster, with the rights of the person who gave the command. Errors carry the
 * HTTP status as `code`.
 */
export interface Objects {
  /** Live; undefined where there is none. */
  get(location: Location): Promise<StoredObject | undefined>;
  /** Live and whole; undefined where the API server does not serve the resource. */
  list(
    location: Omit<Location, 'name'>,
    selectors?: Readonly<Record<string, string>>,
  ): Promise<readonly StoredObject[] | undefined>;
  /**
   * Merges into the metadata; null takes a key away. A uid or resourceVersion in it is a
   * precondition (409).
   */
  patchMetadata(
    location: Location,
    metadata: Readonly<Record<string, unknown>>,
    options: { readonly dryRun: boolean; readonly onWarning: (text: string) => void },
  ): Promise<StoredObject>;
  /**
   * Refused (409) where the object is no longer the one that was read; one that is gone is no
   * error.
   */
  remove(location: Location, preconditions: { readonly uid: string; readonly resourceVersion: string }): Promise<void>;
}

/** A verb on a resource; everywhere, unless namespace or name say where. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Time in milliseconds: since some moment, and to wait for. */
export interface Clock {
  uptime(): number;
  sleep(ms: number): Promise<void>;
}

export interface FencingPorts {
  readonly objects: Objects;
  /** Whether the person holds a right. Throws where the API server does not answer. */
  readonly isAllowed: (right: Right) => Promise<boolean>;
  readonly clock: Clock;
  /** Tells the person what is waited for, in a line. */
  readonly progress: (line: string) => void;
  /**
   * Shows what will be done, and resolves to whether it may. Not asked where nothing is to be done,
   * or only tried.
   */
  readonly confirm: (intent: Intent) => Promise<boolean>;
}

/** What is about to be done. */
export interface Intent {
  readonly title: string;
  readonly steps: readonly Step[];
  /** What a person should know before saying yes, a sentence each. */
  readonly cautions: readonly string[];
}

/**
 * `mark`, `unmark`: a namespace's labels of ours; `make`, `replace`, `correct`: the reconciler
 * makes an object that is missing, replaces its specification, or corrects its metadata, and it is
 * waited for; `delete`; `release`: our label and annotation are taken off an object that stays;
 * `leave`: it is left as it is.
 */
export type Action = 'mark' | 'make' | 'replace' | 'correct' | 'unmark' | 'delete' | 'release' | 'leave';

/** One thing done to one object, or to be done. */
export interface Step {
  readonly action: Action;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** What exactly, or why. */
  readonly detail?: string;
}
