import { desiredBaseline } from '../baseline/desired.ts';
import { readNamespace } from '../baseline/namespace.ts';
import { asOf } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { LoadedDocument } from '../documents/document.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { readLabels } from '../kubernetes/labels.ts';
import { isBuiltInNamespace, metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { RawNamespace } from '../kubernetes/object-meta.ts';
import { own } from '../kubernetes/raw-object.ts';
import { createBudget, reviewLimits } from '../network/budget.ts';
import { type Neighbour, neighbourOf } from '../network/neighbour.ts';
import { readPolicy } from '../network/read.ts';
import { fenceMark } from '../policy/mode.ts';
import type { NamespaceFacts, OtherPolicies, Surroundings } from '../policy/subject.ts';

/**
 * The facts that a set of manifests gives about the surroundings of each object. Only this file
 * gathers the facts for `check`.
 */
export interface Inventory {
  /** The namespace of an object: its own, or else the default. Undefined if there is neither. */
  namespaceOf(object: unknown): string | undefined;
  /**
   * The facts of a namespace by its name. The name is undefined for an object that names no
   * namespace.
   */
  namespaceFacts(name: string | undefined): NamespaceFacts;
  /** The known facts around the NetworkPolicy of a namespace and name. */
  surroundings(namespace: string, name: string): Surroundings & { readonly others: () => OtherPolicies };
  /** Every document, those that are judged first. */
  readonly documents: readonly LoadedDocument[];
  /** Whether all NetworkPolicies of a namespace are known. If not, the cluster may have more. */
  knowsAllPolicies(namespace: string): boolean;
}

/** Facts that the manifests do not contain. */
export interface GivenFacts {
  /** The Namespaces and NetworkPolicies of the cluster. Other kinds are skipped. */
  readonly cluster: readonly LoadedDocument[];
  /** The namespace for objects without `metadata.namespace`. */
  readonly defaultNamespace: string | undefined;
  /** Milliseconds since 1970. Trials end by it. */
  readonly now: number;
  /** That these are all objects of a cluster, so no option could give more. */
  readonly isWhole?: true;
}

/**
 * Gathers the facts. A Namespace in the manifests has the labels that it will have after they are
 * applied. If the cluster does not have it yet, it will be marked at its creation, so it counts as
 * fenced. A namespace that is given as the cluster's is fenced if it carries the mark and is not
 * past the end of a trial.
 */
export function takeInventory(documents: readonly LoadedDocument[], given: GivenFacts, config: Config): Inventory {
  const standing = namespacesByName(given.cluster);
  const facts = new Map<string, NamespaceFacts>();
  const isMarked = (copies: readonly LoadedDocument[]): boolean =>
    copies.some(({ object }) => asOf(readNamespace(object as RawNamespace), given.now).fenced);
  for (const [name, copies] of standing) facts.set(name, factsOf(name, copies, isMarked(copies)));
  for (const [name, copies] of namespacesByName(documents)) {
    const before = facts.get(name);
    // Applying a manifest removes neither a mark that Ringfence has set nor the end of its trial.
    const marked =
      before?.known === true && (before.fenced || before.labels.has(fenceMark))
        ? before.fenced
        : isMarked(copies) || (before === undefined && isMarkedWhenCreated(name, config));
    facts.set(name, factsOf(name, copies, marked));
  }
  const namespaceOf = (object: unknown): string | undefined => {
    const named = own(own(object, 'metadata'), 'namespace');
    return typeof named === 'string' && named !== '' ? named : given.defaultNamespace;
  };
  const policies = readPolicies([...given.cluster, ...documents], namespaceOf);
  for (const [name, fact] of facts) if (fact.known && fact.fenced) addBaseline(policies, name, fact.labels, config);
  const order = orderPolicies(documents, namespaceOf);
  const givesPolicies = given.isWhole === true || given.cluster.some(isNetworkPolicy);
  return {
    documents: [...documents, ...given.cluster],
    namespaceOf,
    namespaceFacts: (name) => facts.get(name ?? '') ?? unknown(name, given),
    surroundings: (namespace, name) => ({
      namespaceLabels: (other) => {
        const fact = facts.get(other);
        return fact?.known ? fact.labels : undefined;
      },
      budget: createBudget(offlineLimits),
      others: () => ({
        policies: [...(policies.get(namespace)?.values() ?? [])].filter((policy) => policy.name !== name),
      }),
      isJudgedLater: (other) => (order.get(namespace)?.get(other) ?? -1) > (order.get(namespace)?.get(name) ?? -1),
    }),
    knowsAllPolicies: (namespace) => givesPolicies || (facts.has(namespace) && !standing.has(namespace)),
  };
}

/** Whether a document is a core/v1 Namespace. */
export function isNamespace({ object }: Pick<LoadedDocument, 'object'>): boolean {
  return own(object, 'kind') === 'Namespace' && own(object, 'apiVersion') === 'v1';
}

function isNetworkPolicy({ object }: LoadedDocument): boolean {
  return own(object, 'kind') === 'NetworkPolicy' && own(object, 'apiVersion') === 'networking.k8s.io/v1';
}

function unknown(name: string | undefined, { isWhole }: Pick<GivenFacts, 'isWhole'> = {}): NamespaceFacts {
  if (isWhole)
    return { known: false, reason: name === undefined ? 'it names no namespace' : `there is no Namespace ${name}` };
  if (name === undefined) return { known: false, reason: 'it names no namespace; use --namespace NAME' };
  return { known: false, reason: `no Namespace ${name} in the files; use --namespaces FILE` };
}

function nameOf({ object }: LoadedDocument): string | undefined {
  const name = own(own(object, 'metadata'), 'name');
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function namespacesByName(documents: readonly LoadedDocument[]): Map<string, LoadedDocument[]> {
  const found = new Map<string, LoadedDocument[]>();
  for (const document of documents) {
    const name = isNamespace(document) ? nameOf(document) : undefined;
    if (name === undefined) continue;
    const there = found.get(name);
    if (there === undefined) found.set(name, [document]);
    else there.push(document);
  }
  return found;
}

function factsOf(name: string, copies: readonly LoadedDocument[], fenced: boolean): NamespaceFacts {
  const read: Labels[] = [];
  for (const copy of copies) {
    const { labels, problems } = readLabels(copy.object);
    if (problems.length > 0)
      return { known: false, reason: `the labels of Namespace ${name} (${where(copy)}) cannot be read` };
    read.push(labels);
  }
  const [first, ...others] = read;
  const [firstCopy] = copies;
  const other = others.findIndex((labels) => first === undefined || !isSame(first, labels));
  const otherCopy = copies[other + 1];
  if (first === undefined || firstCopy === undefined) return unknown(name);
  if (other !== -1 && otherCopy !== undefined) {
    const reason = `Namespace ${name} has other labels in ${where(firstCopy)} than in ${where(otherCopy)}`;
    return { known: false, reason };
  }
  const mark = fenced && !first.has(fenceMark) ? [[fenceMark, 'true'] as const] : [];
  return { known: true, labels: new Map([...first, ...mark, [metadataNameLabel, name]]), fenced };
}

/**
 * Whether enforce mode marks a new namespace. The built-in namespaces exist already, so applying
 * them creates nothing.
 */
export function isMarkedWhenCreated(name: string, config: Config): boolean {
  return !isExempt(name, config) && !isBuiltInNamespace(name);
}

function where({ file, line }: LoadedDocument): string {
  return `${file}:${line}`;
}

function isSame(a: Labels, b: Labels): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/**
 * A policy that admission would find too complex is too complex here. Comparing it with the others
 * may take longer, because nobody waits for a webhook.
 */
const offlineLimits = { ...reviewLimits, work: 100 * reviewLimits.work };

type Policies = Map<string, Map<string, Neighbour>>;

/**
 * The NetworkPolicies by namespace and name. If two have the same name, the later one counts. A
 * policy that cannot be read becomes a finding when it is judged.
 */
function readPolicies(
  documents: readonly LoadedDocument[],
  namespaceOf: (object: unknown) => string | undefined,
): Policies {
  const found: Policies = new Map();
  for (const document of documents) {
    const namespace = isNetworkPolicy(document) ? namespaceOf(document.object) : undefined;
    if (namespace !== undefined) add(found, namespace, nameOf(document) ?? '', own(document.object, 'spec'));
  }
  return found;
}

/** The order in which the NetworkPolicies of files are judged, by namespace and name. */
function orderPolicies(
  documents: readonly LoadedDocument[],
  namespaceOf: (object: unknown) => string | undefined,
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const order = new Map<string, Map<string, number>>();
  for (const [index, document] of documents.entries()) {
    const namespace = isNetworkPolicy(document) ? namespaceOf(document.object) : undefined;
    if (namespace === undefined) continue;
    const there = order.get(namespace) ?? new Map<string, number>();
    order.set(namespace, there.set(nameOf(document) ?? '', index));
  }
  return order;
}

/** In a fenced namespace the baseline exists, even if it is not among the files. */
function addBaseline(policies: Policies, name: string, labels: Labels, config: Config): void {
  for (const { metadata, spec } of desiredBaseline({ name, labels }, config)) {
    if (metadata.name !== undefined) add(policies, name, metadata.name, spec);
  }
}

function add(policies: Policies, namespace: string, name: string, spec: unknown): void {
  const read = readPolicy(spec, { namespace, name });
  if (!('policy' in read)) return;
  const there = policies.get(namespace);
  const neighbour = neighbourOf(read.policy);
  if (there === undefined) policies.set(namespace, new Map([[name, neighbour]]));
  else there.set(name, neighbour);
}
