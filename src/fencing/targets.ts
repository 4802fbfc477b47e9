import { allowDnsName, denyAllName, purposeOf } from '../baseline/names.ts';
import { trialAnnotation } from '../baseline/trial.ts';
import { own } from '../kubernetes/raw-object.ts';
import { agree } from '../wording/number.ts';
import { type Found, namespaceKind, namespaceOf, networkPolicyKind } from './locations.ts';
import { isOfBaseline, ownershipOf, releaseOf } from './ownership.ts';
import type { Action, StoredObject } from './ports.ts';

/** The objects that a live look found, which may have to be removed. */
export interface Scene {
  /** Namespaces that carry labels of Ringfence. */
  readonly marked: readonly StoredObject[];
  /** NetworkPolicies named deny-all-baseline, at most one for each namespace. */
  readonly walls: readonly StoredObject[];
  /** NetworkPolicies with the other names of the baseline, in the order of the names. */
  readonly others: readonly StoredObject[];
}

/** What the command removes. */
export interface Purpose {
  /** The labels to remove from namespaces. */
  readonly labels: readonly string[];
  /** Whether to delete the objects of baselines that only Ringfence manages. */
  readonly remove: boolean;
  /** Whether to remove Ringfence's label and annotation from NetworkPolicies that stay. */
  readonly release: boolean;
}

/** An object and the action on it. */
export interface Target extends Found {
  readonly action: Extract<Action, 'unmark' | 'delete' | 'release' | 'leave'>;
  readonly detail: string;
  /** The merge patch of its metadata. */
  readonly patch?: Readonly<Record<string, unknown>>;
  /** The object is already being deleted, and the command waits for its end. */
  readonly isGoing?: true;
}

/**
 * Returns every object of a scene with its action, in the safe order: marks, walls, and then what
 * lets traffic through walls.
 */
export function targetsOf(scene: Scene, purpose: Purpose): readonly Target[] {
  const standing = new Map(scene.walls.map((wall) => [wall.metadata.namespace, wall]));
  return [
    ...scene.marked.map((namespace) => unmarkTarget(namespace, purpose)),
    ...scene.walls.map((wall) => policyTarget(wall, undefined, purpose)),
    ...scene.others.map((rule) => policyTarget(rule, standing.get(rule.metadata.namespace), purpose)),
  ];
}

/** Whether an object is a wall: the NetworkPolicy that denies all traffic. */
export function isWall({ kind, object }: Found): boolean {
  return kind === networkPolicyKind && object.metadata.name === denyAllName;
}

/**
 * Returns the targets that stay and still deny traffic as a baseline. If one object of a namespace
 * does, all targets that stay there count, because each isolates the Pods that it selects.
 */
export function stayingBaseline(targets: readonly Target[]): readonly Target[] {
  const staying = targets.filter(
    ({ kind, action, isGoing }) =>
      kind === networkPolicyKind && (action === 'leave' || action === 'release') && isGoing !== true,
  );
  const walled = new Set(staying.filter(({ object }) => isOfBaseline(object)).map(namespaceOf));
  return staying.filter((target) => walled.has(namespaceOf(target)));
}

function unmarkTarget(object: StoredObject, { labels }: Purpose): Target {
  const carried = labels.filter(
    (key) => object.metadata.labels !== undefined && Object.hasOwn(object.metadata.labels, key),
  );
  const isOnTrial = own(object.metadata.annotations, trialAnnotation) !== undefined;
  const patch = {
    labels: Object.fromEntries(carried.map((key) => [key, null])),
    // Without the mark it has no effect, and it would prevent the next one.
    ...(isOnTrial ? { annotations: { [trialAnnotation]: null } } : {}),
  };
  return { kind: namespaceKind, object, action: 'unmark', detail: carried.join(', '), patch };
}

function policyTarget(object: StoredObject, wall: StoredObject | undefined, purpose: Purpose): Target {
  const found = { kind: networkPolicyKind, object };
  if (!purpose.remove) return stay(found, 'now an ordinary NetworkPolicy, which nobody repairs', purpose);
  const { isOurs, others } = ownershipOf(object);
  if (!isOurs) {
    const owners =
      others.length === 0
        ? 'nobody is known to manage'
        : `${others.join(', ')} ${agree(others.length, 'manages', 'manage')}`;
    return stay(found, `${owners} its specification`, purpose);
  }
  // Pods behind the wall need DNS and the other parts as long as the wall exists.
  if (wall !== undefined && !ownershipOf(wall).isOurs)
    return stay(
      found,
      `${denyAllName} of ${namespaceOf(found)} still exists, and Pods behind it need ${object.metadata.name === allowDnsName ? 'DNS' : 'what it allows'}`,
      purpose,
    );
  if (object.metadata.deletionTimestamp !== undefined)
    return { ...found, action: 'leave', detail: 'it is being deleted', isGoing: true };
  return { ...found, action: 'delete', detail: purposeOf(object.metadata.name ?? '') };
}

function stay(found: Found, detail: string, { release }: Purpose): Target {
  const stays: Target = { ...found, action: 'leave', detail };
  if (!release) return stays;
  const patch = releaseOf(found.object);
  if (patch === undefined) return stays;
  return { ...found, action: 'release', detail: 'it stays, without label and annotation of Ringfence', patch };
}
