import { templatePathOf, type WorkloadKind } from '../kubernetes/kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { readLabels } from '../kubernetes/labels.ts';
import { controllerIn, isObject, own, type Unreadable, unreadable, valueAt } from '../kubernetes/raw-object.ts';
import type { Budget } from '../network/budget.ts';
import type { Neighbour } from '../network/neighbour.ts';
import type { Role } from './taxonomy.ts';

export type SubjectKind = Role | WorkloadKind;

/** A field of a type that is no text, where the text that was meant is evident. */
export type Misread = Unreadable & { readonly text: string };

/**
 * The admission operations that carry an object to judge (DELETE carries none: the guard answers
 * it).
 */
export type Operation = 'CREATE' | 'UPDATE';

/** What is known of the namespace that an object lives in. */
export type NamespaceFacts =
  | { readonly known: true; readonly labels: Labels; readonly fenced: boolean }
  | { readonly known: false; readonly reason: string };

/** What is known around a NetworkPolicy. */
export interface Surroundings {
  /** A namespace's labels by its name; undefined where there is none, or it is not known. */
  readonly namespaceLabels: (name: string) => Labels | undefined;
  /** Why labels that decide what it opens are not known for certain; undefined if they are. */
  readonly undecided?: string;
  /** The other NetworkPolicies of its namespace; undefined where they are not known. */
  readonly policies: readonly Neighbour[] | undefined;
  /** Why there may be more policies than these; undefined if these are all. */
  readonly morePolicies?: string | undefined;
  /** What the review may still cost. */
  readonly budget: Budget;
}

/** What names an object in messages. The kind may be one that no check speaks of. */
export interface Titled {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** An object as the checks see it: only what a rule may ask about, read once from the wire form. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly role: Role;
  readonly operation: Operation;
  /** Undefined for a Namespace. */
  readonly namespace: string | undefined;
  /** The name, or `generateName` followed by `*` where the API server has not made the name yet. */
  readonly name: string;
  readonly labels: Labels;
  /** Where the labels stand: `metadata.labels`, or the pod template's path in a workload. */
  readonly labelsField: string;
  /** The Pod's (or template's) own facts; undefined for a Namespace and a NetworkPolicy. */
  readonly pod:
    | { readonly hostNetwork: boolean; readonly serviceAccount: string; readonly specField: string }
    | undefined;
  /** The object that made this one, as its ownerReferences say; undefined where none did. */
  readonly controller: { readonly kind: string; readonly name: string } | undefined;
  /** A NetworkPolicy's `spec` as it came, unvalidated; undefined for the other kinds. */
  readonly networkPolicySpec: unknown;
  /** Undefined for a Namespace, which lives in none. */
  readonly facts: NamespaceFacts | undefined;
  /** Of a NetworkPolicy; undefined for the other kinds, and where nothing is known. */
  readonly surroundings: Surroundings | undefined;
}

/**
 * Reads a wire-form object (core/v1 Namespace, Pod, ReplicationController; networking.k8s.io/v1
 * NetworkPolicy; apps/v1 and batch/v1 workloads). A field of the wrong type gives an {@link
 * Unreadable}, never a throw; a missing optional field is its default.
 */
export function readSubject(
  kind: SubjectKind,
  object: unknown,
  context: {
    readonly operation: Operation;
    readonly namespace: string | undefined;
    readonly facts: NamespaceFacts | undefined;
    readonly surroundings?: Surroundings;
    /** Called for each label or name that is a boolean or a number: its text is read then. */
    readonly onMisread?: (misread: Misread) => void;
  },
): Subject | Unreadable {
  if (!isObject(object)) return unreadable(kind, object, 'an object');
  const path = templatePathOf(kind);
  let holder: Readonly<Record<string, unknown>> = object;
  for (const [index, step] of path.entries()) {
    const next = own(holder, step);
    // A ReplicationController's template may be null, and files may leave it out: judged as a
    // template without labels.
    if (next !== undefined && next !== null && !isObject(next))
      return unreadable(path.slice(0, index + 1).join('.'), next, 'an object');
    holder = next ?? {};
  }
  const prefix = path.length === 0 ? '' : `${path.join('.')}.`;
  const { labels, problems } = readLabels(holder, prefix);
  for (const problem of problems) if (!isMeant(problem, context.onMisread)) return problem;
  const name = readName(object);
  if (typeof name !== 'string' && !isMeant(name, context.onMisread)) return name;
  const role: Role = kind === 'Namespace' || kind === 'NetworkPolicy' ? kind : 'Pod';
  const spec = own(holder, 'spec');
  if (role === 'Pod' && spec !== undefined && spec !== null && !isObject(spec))
    return unreadable(`${prefix}spec`, spec, 'an object');
  return {
    kind,
    role,
    operation: context.operation,
    namespace: kind === 'Namespace' ? undefined : context.namespace,
    name: typeof name === 'string' ? name : name.text,
    labels,
    labelsField: `${prefix}metadata.labels`,
    pod:
      role === 'Pod'
        ? {
            hostNetwork: isObject(spec) && own(spec, 'hostNetwork') === true,
            serviceAccount: readServiceAccount(spec),
            specField: `${prefix}spec`,
          }
        : undefined,
    controller: readController(object),
    networkPolicySpec: kind === 'NetworkPolicy' ? own(object, 'spec') : undefined,
    facts: kind === 'Namespace' ? undefined : context.facts,
    surroundings: kind === 'NetworkPolicy' ? context.surroundings : undefined,
  };
}

/** Whether a field is taken for the text that was meant, which somebody is told. */
function isMeant(problem: Unreadable, onMisread: ((misread: Misread) => void) | undefined): problem is Misread {
  if (problem.text === undefined || onMisread === undefined) return false;
  onMisread({ ...problem, text: problem.text });
  return true;
}

/** Whether reading gave a subject. */
export function isSubject(read: Subject | Unreadable): read is Subject {
  return 'kind' in read;
}

/** core/v1 PodSpec.serviceAccountName; a Pod that names none gets the one called `default`. */
function readServiceAccount(spec: unknown): string {
  const name = own(spec, 'serviceAccountName');
  return typeof name === 'string' && name !== '' ? name : 'default';
}

function readController(object: unknown): Subject['controller'] {
  const controller = controllerIn(valueAt(object, 'metadata', 'ownerReferences'));
  const [kind, name] = [own(controller, 'kind'), own(controller, 'name')];
  return typeof kind === 'string' && typeof name === 'string' ? { kind, name } : undefined;
}

function readName(object: Readonly<Record<string, unknown>>): string | Unreadable {
  const metadata = own(object, 'metadata');
  if (!isObject(metadata)) return '';
  const name = own(metadata, 'name');
  if (typeof name === 'string' && name !== '') return name;
  if (name !== undefined && name !== null && name !== '') return unreadable('metadata.name', name, 'a string');
  const generateName = own(metadata, 'generateName');
  return typeof generateName === 'string' && generateName !== '' ? `${generateName}*` : '';
}
