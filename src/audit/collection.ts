import type { Config } from '../config/config.ts';
import { count } from '../documents/count.ts';
import type { LoadedDocument } from '../documents/document.ts';
import { findKind, isKubernetesGroup, kindOf } from '../kubernetes/kinds.ts';
import { findByKind } from '../kubernetes/other-workloads.ts';
import { typeOf } from '../kubernetes/pod-templates.ts';
import { controllerIn, isObject, listAt, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { createInventory, type Inventory, type InventoryTaker } from '../network/inventory.ts';
import type { Note } from '../reach/note.ts';
import { listOf } from '../wording/number.ts';
import { prune } from './prune.ts';

/** What was read of a cluster, or of its objects in files. */
export interface Collection {
  /** Every object that an audit reads, except those that have ended. */
  readonly documents: readonly LoadedDocument[];
  /** The same objects as the evaluator of NetworkPolicies sees them. */
  readonly inventory: Inventory;
  /** What a reader of the answers should know about the reading. */
  readonly notes: readonly Note[];
  /** How many objects were left out, by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** The kinds that are served, or may be, and that could not be read. */
  readonly unread: readonly UnreadKind[];
}

/** A kind of object in all its versions. */
export interface UnreadKind {
  readonly group: string;
  readonly kind: string;
}

/**
 * An object of a cluster with only the fields that an audit reads, or the reason why it has no part
 * in the audit.
 */
export type Kept = LoadedDocument | { readonly ended: string };

/** Takes objects one by one, in any order. */
export interface Collector extends Pick<InventoryTaker, 'addUnlisted'> {
  /** Takes an object of a cluster. */
  add(kept: Kept): void;
  addDocument(document: LoadedDocument): void;
  addNotes(notes: readonly Note[]): void;
  addUnread(kind: UnreadKind): void;
  take(): Collection;
}

export function createCollector({ workloads }: Pick<Config, 'workloads'>): Collector {
  const taker = createInventory(workloads);
  const documents: LoadedDocument[] = [];
  const notes: Note[] = [];
  const leftOut = new Map<string, number>();
  const unread: UnreadKind[] = [];
  const unreadable: string[] = [];
  const makers = new Map<string, Set<string>>();

  function add(kept: Kept): void {
    if ('ended' in kept) {
      count(leftOut, kept.ended);
      return;
    }
    const { object } = kept;
    documents.push(kept);
    const maker = unknownMaker(object, workloads);
    if (maker !== undefined) addTo(makers, maker, textAt(object, 'metadata', 'namespace') ?? '');
    for (const { field, message } of taker.add(object, `${kept.file}:${kept.line}`))
      unreadable.push(`${titleOf(object)}: ${field} ${message}`);
  }

  return {
    add,
    addDocument(document) {
      const ended = endOf(document.object);
      add(ended === undefined ? document : { ended });
    },
    addNotes: (more) => void notes.push(...more),
    addUnread: (kind) => void unread.push(kind),
    addUnlisted: (one) => taker.addUnlisted(one),
    take: () => ({
      documents,
      inventory: taker.take(),
      notes: [...notes, ...noteUnreadable(unreadable), ...noteMakers(makers)],
      leftOut,
      unread,
    }),
  };
}

/** Reduces an object of a cluster to what is kept of it: a document without a file and lines. */
export function keepObject(object: Readonly<Record<string, unknown>>): Kept {
  const ended = endOf(object);
  return ended === undefined ? { ...nowhere, object: prune(object) } : { ended };
}

const start = { line: 1, column: 1 };
const nowhere = { file: '', ...start, placeOf: () => start, writtenAt: () => undefined };

/**
 * Why an object is history: a Pod or a Job that has ended, or an old revision of a workload. It
 * sends and receives nothing, and nobody creates it again. Undefined for any other object.
 */
function endOf(object: unknown): string | undefined {
  const kind = kindOf(typeOf(object))?.kind;
  if (kind === 'Pod' && ['Succeeded', 'Failed'].includes(textAt(object, 'status', 'phase') ?? '')) return 'ended Pod';
  if (kind === 'Job' && isEndedJob(object)) return 'ended Job';
  const isOld =
    (kind === 'ReplicaSet' || kind === 'ReplicationController') && valueAt(object, 'spec', 'replicas') === 0;
  return isOld && controllerIn(valueAt(object, 'metadata', 'ownerReferences')) !== undefined
    ? `${kind} of an old revision`
    : undefined;
}

/** batch/v1 JobStatus: a Job that has failed has the condition, and no completionTime. */
function isEndedJob(job: unknown): boolean {
  if (textAt(job, 'status', 'completionTime') !== undefined) return true;
  const conditions = listAt(job, 'status', 'conditions');
  return conditions.some((one) => textAt(one, 'type') === 'Failed' && textAt(one, 'status') === 'True');
}

/** The kind of the controller of a Pod, if nobody has read the template that it has. */
function unknownMaker(object: unknown, workloads: Config['workloads']): string | undefined {
  const controller = controllerIn(valueAt(object, 'metadata', 'ownerReferences'));
  if (controller === undefined) return undefined;
  const type = typeOf(controller);
  const isPodMaker = ['Pod', 'ReplicaSet', 'StatefulSet'].includes(textAt(object, 'kind') ?? '');
  if (!isPodMaker || findByKind(type, workloads) !== undefined) return undefined;
  // Static Pods of the kubelet are controlled by their Node.
  if (findKind(type.kind) !== undefined || isKubernetesGroup(type.group)) return undefined;
  return `${type.kind} of ${type.group}`;
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

/** `makers` has the namespaces of their Pods by kind. */
function noteMakers(makers: ReadonlyMap<string, ReadonlySet<string>>): readonly Note[] {
  if (makers.size === 0) return [];
  const inOrder = (names: Iterable<string>) => [...names].sort((a, b) => (a < b ? -1 : 1));
  const kinds = inOrder(makers.keys());
  return [
    {
      id: 'templates-not-read',
      message: `the pod templates of these kinds are not read, only the Pods that they made: ${listOf(kinds)}; list them under "workloads" in the configuration`,
      objects: kinds,
      overlooked: true,
      namespaces: inOrder(new Set([...makers.values()].flatMap((names) => [...names]))),
    },
  ];
}

function noteUnreadable(objects: readonly string[]): readonly Note[] {
  if (objects.length === 0) return [];
  return [
    {
      id: 'objects-unreadable',
      message: `objects that cannot be read have no part in the answers about traffic: ${listOf(objects)}`,
      objects,
      overlooked: true,
    },
  ];
}

function titleOf(object: unknown): string {
  const { kind, metadata } = isObject(object) ? object : {};
  const name = [textAt(metadata, 'namespace') ?? [], textAt(metadata, 'name') ?? ''].flat().join('/');
  return `${String(kind)} ${name}`;
}
