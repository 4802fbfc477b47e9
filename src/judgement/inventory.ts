import { desiredBaseline } from '../baseline/desired.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { LoadedDocument } from '../documents/document.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { readLabels } from '../kubernetes/labels.ts';
import { builtInNamespaces, metadataNameLabel } from '../kubernetes/namespaces.ts';
import { own } from '../kubernetes/raw-object.ts';
import { readPolicy } from '../network/read.ts';
import type { Policy } from '../network/rules.ts';
import { fenceMark } from '../policy/mode.ts';
import type { NamespaceFacts, Surroundings } from '../policy/subject.ts';

/**
 * What a set of manifests says of the world around each object: the only place where the facts of
 * `check` are gathered.
 */
export interface Inventory {
  /**
   * The namespace an object lives in: its own word, else the default; undefined where neither is
   * there.
   */
  namespaceOf(object: unknown): string | undefined;
  /**
   * The facts of a namespace by its name; undefined is the namespace of an object that names none.
   */
  namespaceFacts(name: string | undefined): NamespaceFacts;
  /** What is known around the NetworkPolicy of a namespace and name. */
  surroundings(namespace: string, name: string): Surroundings & { readonly policies: readonly Policy[] };
  /** Whether those are all NetworkPolicies of a namespace, or the cluster may have more. */
  knowsAllPolicies(namespace: string): boolean;
}

/** What the manifests themselves do not say. */
export interface GivenFacts {
  /** What the cluster has: Namespaces, and NetworkPolicies. Other kinds are passed over. */
  readonly cluster: readonly LoadedDocument[];
  /** Where an object without `metadata.namespace` would be created. */
  readonly defaultNamespace: string | undefined;
}

/**
 * Gathers the facts. A Namespace among the manifests has the labels it will have once they are
 * applied; one that the cluster does not have yet will be marked as it is created, so it is fenced.
 * What is given as the cluster's is fenced where it carries the mark.
 */
export function takeInventory(documents: readonly LoadedDocument[], given: GivenFacts, config: Config): Inventory {
  const standing = namespacesByName(given.cluster);
  const facts = new Map<string, NamespaceFacts>();
  for (const [name, copies] of standing) facts.set(name, factsOf(name, copies, false));
  for (const [name, copies] of namespacesByName(documents)) {
    const before = facts.get(name);
    // Applying a manifest takes no mark away that Ringfence has put on.
    const marked = before === undefined ? isMarkedWhenCreated(name, config) : before.known && before.fenced;
    facts.set(name, factsOf(name, copies, marked));
  }
  const namespaceOf = (object: unknown): string | undefined => {
    const named = own(own(object, 'metadata'), 'namespace');
    return typeof named === 'string' && named !== '' ? named : given.defaultNamespace;
  };
  const policies = readPolicies([...given.cluster, ...documents], namespaceOf);
  for (const [name, fact] of facts) if (fact.known && fact.fenced) addBaseline(policies, name, fact.labels, config);
  const givesPolicies = given.cluster.some(isNetworkPolicy);
  return {
    namespaceOf,
    namespaceFacts: (name) => (name === undefined ? nameless : (facts.get(name) ?? unknown(name))),
    surroundings: (namespace, name) => ({
      namespaceLabels: (other) => {
        const fact = facts.get(other);
        return fact?.known ? fact.labels : undefined;
      },
      policies: [...(policies.get(namespace)?.values() ?? [])].filter((policy) => policy.name !== name),
    }),
    knowsAllPolicies: (namespace) => givesPolicies || (facts.has(namespace) && !standing.has(namespace)),
  };
}

/** Whether a document is a core/v1 Namespace. */
export function isNamespace({ object }: LoadedDocument): boolean {
  return own(object, 'kind') === 'Namespace' && own(object, 'apiVersion') === 'v1';
}

function isNetworkPolicy({ object }: LoadedDocument): boolean {
  return own(object, 'kind') === 'NetworkPolicy' && own(object, 'apiVersion') === 'networking.k8s.io/v1';
}

const nameless: NamespaceFacts = { known: false, reason: 'it names no namespace; use --namespace NAME' };

function unknown(name: string): NamespaceFacts {
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

function factsOf(name: string, copies: readonly LoadedDocument[], marked: boolean): NamespaceFacts {
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
  const fenced = marked || first.has(fenceMark);
  const mark = fenced && !first.has(fenceMark) ? [[fenceMark, 'true'] as const] : [];
  return { known: true, labels: new Map([...first, ...mark, [metadataNameLabel, name]]), fenced };
}

/**
 * Whether enforcing marks a new namespace. The built-in ones exist before any manifest: applying
 * them creates nothing.
 */
export function isMarkedWhenCreated(name: string, config: Config): boolean {
  return !isExempt(name, config) && !builtInNamespaces.some((builtIn) => builtIn === name);
}

function where({ file, line }: LoadedDocument): string {
  return `${file}:${line}`;
}

function isSame(a: Labels, b: Labels): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

type Policies = Map<string, Map<string, Policy>>;

/**
 * The NetworkPolicies by namespace and name; of two with one name the later holds. What cannot be
 * read is a finding where it is judged.
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

/** In a fenced namespace the baseline is a fact, whether or not it is among the files. */
function addBaseline(policies: Policies, name: string, labels: Labels, config: Config): void {
  for (const { metadata, spec } of desiredBaseline({ name, labels }, config)) {
    if (metadata.name !== undefined) add(policies, name, metadata.name, spec);
  }
}

function add(policies: Policies, namespace: string, name: string, spec: unknown): void {
  const read = readPolicy(spec, { namespace, name });
  if (!('policy' in read)) return;
  const there = policies.get(namespace);
  if (there === undefined) policies.set(namespace, new Map([[name, read.policy]]));
  else there.set(name, read.policy);
}
