import { getKind, type WorkloadKind } from '../kubernetes/kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { readLabels } from '../kubernetes/labels.ts';
import type { OtherWorkload } from '../kubernetes/other-workloads.ts';
import { formatSteps, type PodTemplate } from '../kubernetes/pod-templates.ts';
import {
  controllerIn,
  isObject,
  own,
  stepInto,
  type Unreadable,
  unreadable,
  valueAt,
} from '../kubernetes/raw-object.ts';
import type { Budget } from '../network/budget.ts';
import type { Neighbour } from '../network/neighbour.ts';
import type { Role } from './taxonomy.ts';

export type SubjectKind = Role | WorkloadKind;

/** A kind of another project, and the steps from its object to a pod template. */
export type TemplateKind = Pick<OtherWorkload, 'kind'> & { readonly template: PodTemplate['path'] };

/** The kind of an object to read: one of Kubernetes, or a workload of another project. */
export type ReadableKind = SubjectKind | TemplateKind;

/**
 * What a check judges. A workload is judged as the Pod that its template makes. A workload of the
 * configuration may have no template.
 */
export type JudgedAs = Role | 'NoTemplate';

/** A field that is not a string, but whose intended text is evident. */
export type Misread = Unreadable & { readonly text: string };

/** The admission operations with an object to judge. The guard answers DELETE, which has none. */
export type Operation = 'CREATE' | 'UPDATE';

/** The known facts about the namespace of an object. */
export type NamespaceFacts =
  | { readonly known: true; readonly labels: Labels; readonly fenced: boolean }
  | { readonly known: false; readonly reason: string };

/** The known facts about the surroundings of a NetworkPolicy. */
export interface Surroundings {
  /** Returns the labels of a namespace; undefined if it does not exist or is not known. */
  readonly namespaceLabels: (name: string) => Labels | undefined;
  /** Why labels that decide what the policy opens are not certain; undefined if they are. */
  readonly undecided?: string;
  /**
   * Returns the other NetworkPolicies of the namespace, which only some checks need; undefined if
   * they are not known.
   */
  readonly others: (() => OtherPolicies) | undefined;
  /**
   * Whether another policy of the namespace is judged after this one in the same run. Of two equal
   * policies only the later one is then reported. Undefined at admission, where the others exist.
   */
  readonly isJudgedLater?: (name: string) => boolean;
  /** What the review may still cost, for all policies that it looks at. */
  readonly budget: Budget;
}

/** The other NetworkPolicies of a namespace. */
export interface OtherPolicies {
  readonly policies: readonly Neighbour[];
  /** Why there may be other policies than these; undefined if these are all. */
  readonly more?: string | undefined;
}

/** The name of an object in messages. No check needs to judge its kind. */
export interface Titled {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** An object in the form that the checks judge. It is read once from the wire form. */
export interface Subject {
  /** The kind for messages. */
  readonly kind: string;
  readonly role: Role;
  readonly judgedAs: JudgedAs;
  readonly operation: Operation;
  /** Undefined for a Namespace. */
  readonly namespace: string | undefined;
  /** The name, or `generateName` with `*` after it if the API server has not made the name yet. */
  readonly name: string;
  readonly labels: Labels;
  /** The path of the labels: `metadata.labels`, or in a workload the path in its pod template. */
  readonly labelsField: string;
  /** The facts of the Pod or pod template; undefined for a Namespace and a NetworkPolicy. */
  readonly pod:
    | { readonly hostNetwork: boolean; readonly serviceAccount: string; readonly specField: string }
    | undefined;
  /** The controlling owner in the ownerReferences; undefined if there is none. */
  readonly controller: { readonly kind: string; readonly name: string } | undefined;
  /** The unvalidated `spec` of a NetworkPolicy; undefined for other kinds. */
  readonly networkPolicySpec: unknown;
  /** Undefined for a Namespace. */
  readonly facts: NamespaceFacts | undefined;
  /** The surroundings of a NetworkPolicy; undefined for other kinds, and if nothing is known. */
  readonly surroundings: Surroundings | undefined;
}

/**
 * Reads an object in wire form (core/v1 Namespace, Pod, ReplicationController; networking.k8s.io/v1
 * NetworkPolicy; apps/v1 and batch/v1 workloads; workloads of the configuration). Returns an
 * {@link Unreadable} for a field of the wrong type. A missing optional field has its default. Never
 * throws.
 */
export function readSubject(
  readable: ReadableKind,
  object: unknown,
  context: {
    readonly operation: Operation;
    readonly namespace: string | undefined;
    readonly facts: NamespaceFacts | undefined;
    readonly surroundings?: Surroundings;
    /**
     * Called for each label or name that is a boolean or a number, and is read as its text. Without
     * this, such a field is {@link Unreadable}.
     */
    readonly onMisread?: (misread: Misread) => void;
  },
): Subject | Unreadable {
  const kind = nameOfKind(readable);
  if (!isObject(object)) return unreadable(kind, object, 'an object');
  const path = templatePathIn(readable);
  let holder: unknown = object;
  for (const [index, step] of path.entries()) {
    const next = stepInto(holder, step);
    const isList = typeof path[index + 1] === 'number';
    // The template of a ReplicationController may be null, and a file may omit it. It is judged as
    // a template without labels.
    if (next !== undefined && next !== null && !(isList ? Array.isArray(next) : isObject(next)))
      return unreadable(formatSteps(path.slice(0, index + 1)), next, isList ? 'a list' : 'an object');
    holder = next ?? {};
  }
  const lacksTemplate = typeof readable !== 'string' && !isObject(valueAt(object, ...path));
  const prefix = path.length === 0 ? '' : `${formatSteps(path)}.`;
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
    judgedAs: lacksTemplate ? 'NoTemplate' : role,
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

/** Returns the name of a kind for messages. */
export function nameOfKind(readable: ReadableKind): string {
  return typeof readable === 'string' ? readable : readable.kind;
}

/** Returns the steps from an object to its pod template. Empty if the kind is not a workload. */
export function templatePathIn(readable: ReadableKind): PodTemplate['path'] {
  return typeof readable === 'string' ? getKind(readable).template : readable.template;
}

/** Whether a field is read as its intended text. If so, it is reported. */
function isMeant(problem: Unreadable, onMisread: ((misread: Misread) => void) | undefined): problem is Misread {
  if (problem.text === undefined || onMisread === undefined) return false;
  onMisread({ ...problem, text: problem.text });
  return true;
}

/** Whether the result of reading is a subject. */
export function isSubject(read: Subject | Unreadable): read is Subject {
  return 'kind' in read;
}

/** Reads core/v1 PodSpec.serviceAccountName. A Pod without it gets the ServiceAccount `default`. */
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
