import { guardBaseline } from '../admission/guard.ts';
import { inheritedLabels } from '../admission/inherit.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { LoadedDocument, Place } from '../documents/document.ts';
import { findField } from '../documents/field.ts';
import { isObject, own, recordOf, type Unreadable } from '../kubernetes/raw-object.ts';
import type { Finding, RuleText } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { evaluate } from '../policy/evaluate.ts';
import { modeIn } from '../policy/mode.ts';
import { guardRules } from '../policy/permissions.ts';
import { isSubject, readSubject, type Subject, type SubjectKind } from '../policy/subject.ts';
import type { Inventory } from './inventory.ts';
import { describe, missingVersion, subjectKindOf, wrongNamespace } from './kind.ts';

/** A finding, and where in the file the person finds it. */
export interface LocatedFinding extends Finding, Place {
  readonly remedy: string;
}

/** One object that Ringfence judges, with what admission would say of its creation. */
export interface JudgedObject {
  readonly document: LoadedDocument;
  readonly subject: Pick<Subject, 'kind' | 'namespace' | 'name'>;
  /** The subject as the checks saw it; undefined where the object could not be read as its kind. */
  readonly read: Subject | undefined;
  /** In a namespace that the configuration exempts (or, a Namespace, exempt itself): not judged. */
  readonly exempt: boolean;
  readonly findings: readonly LocatedFinding[];
}

export interface Judgement {
  readonly objects: readonly JudgedObject[];
  /**
   * How many documents were passed over, by what they are: `v1 Service`, `no Kubernetes object`.
   */
  readonly passedOver: ReadonlyMap<string, number>;
}

/** What keeps an object out beside the checks. */
const otherRules: readonly RuleText[] = [
  guardRules['baseline-guard'],
  {
    id: 'readable',
    rule: 'An object has the form of its Kubernetes type.',
    remedy: 'Write the field as its Kubernetes type requires.',
    cap: 'enforce',
  },
];

/** Every rule, in the order of the ids. */
export const rules: readonly RuleText[] = [...checks, ...otherRules].sort((a, b) => (a.id < b.id ? -1 : 1));

const remedies: ReadonlyMap<string, string> = new Map(rules.map(({ id, remedy }) => [id, remedy]));

/**
 * Judges each document as if it were created in a cluster that enforces: the same checks, the same
 * words, offline. Who may give a namespace its identity is no fact about a document: Kubernetes is
 * asked for that at admission, and nobody here.
 */
export async function judgeDocuments(
  documents: readonly LoadedDocument[],
  inventory: Inventory,
  config: Config,
): Promise<Judgement> {
  const objects: JudgedObject[] = [];
  const passedOver = new Map<string, number>();
  for (const document of documents) {
    const kind = subjectKindOf(document.object);
    if (kind !== undefined) objects.push(await judge(document, kind, inventory, { ...config, mode: 'enforce' }));
    else {
      const what = describe(document.object);
      passedOver.set(what, (passedOver.get(what) ?? 0) + 1);
    }
  }
  return { objects, passedOver };
}

async function judge(
  document: LoadedDocument,
  kind: SubjectKind,
  inventory: Inventory,
  config: Config,
): Promise<JudgedObject> {
  const namespace = kind === 'Namespace' ? undefined : inventory.namespaceOf(document.object);
  const facts = kind === 'Namespace' ? undefined : inventory.namespaceFacts(namespace);
  const { object } = document;
  const misreads = [...missingVersion(kind, object), ...wrongNamespace(object)];
  const name = nameOf(object);
  const surroundings =
    kind === 'NetworkPolicy' ? { surroundings: inventory.surroundings(namespace ?? '', name) } : undefined;
  const read = readSubject(kind, object, {
    operation: 'CREATE',
    namespace,
    facts,
    ...surroundings,
    // For YAML, `expose: true` and `team: 42` are no texts. Each is a finding, and the checks judge
    // the text that was meant.
    onMisread: (misread) => misreads.push({ ...misread, found: `a ${misread.found} (${misread.text})` }),
  });
  const subject = isSubject(read) ? read : { kind, namespace, name };
  const seen = isSubject(read) ? withInherited(read, object, config) : undefined;
  const judged = { document, subject, read: seen };
  const exempt = isExempt((kind === 'Namespace' ? subject.name : namespace) ?? '', config);
  if (exempt) return { ...judged, exempt, findings: [] };
  const unread = isSubject(read) ? misreads : [...misreads, read];
  const findings = isSubject(read)
    ? await judgeSubject(withInherited(read, object, config), object, inventory, config)
    : [];
  return {
    ...judged,
    exempt,
    findings: [...unread.map(unreadableFinding), ...findings].map((finding) => ({
      ...finding,
      remedy: remedies.get(finding.check) ?? '',
      ...document.placeOf(findField(document.object, finding.field)),
    })),
  };
}

/** The subject as admission judges it: with the labels that `inherit` fills in before. */
function withInherited(subject: Subject, object: unknown, config: Config): Subject {
  const { kind, facts, labels } = subject;
  if (!config.inherit || kind === 'Namespace' || facts?.known !== true) return subject;
  return { ...subject, labels: new Map([...labels, ...inheritedLabels(kind, object, facts.labels, config)]) };
}

async function judgeSubject(
  subject: Subject,
  object: unknown,
  inventory: Inventory,
  config: Config,
): Promise<readonly Finding[]> {
  if (subject.kind !== 'NetworkPolicy') return evaluateNew(subject, config);
  const guarded = await guard(subject, object, config);
  if (guarded !== undefined) return guarded;
  const findings = evaluateNew(subject, config);
  if (subject.surroundings === undefined || inventory.knowsAllPolicies(subject.namespace ?? '')) return findings;
  // The cluster may have policies beside those of the files. Policies add up, so what these suffice
  // for holds all the same; but what they do not suffice for (nobody allows DNS) is not known.
  const doubts = evaluateNew({ ...subject, surroundings: { ...subject.surroundings, policies: undefined } }, config);
  return findings.map(
    (finding) =>
      doubts.find((doubt) => doubt.undecided && doubt.check === finding.check && doubt.field === finding.field) ??
      finding,
  );
}

function evaluateNew(subject: Subject, config: Config): readonly Finding[] {
  // A namespace that says so itself is judged by its own mode, in a cluster that enforces as well.
  const labels =
    subject.kind === 'Namespace' ? subject.labels : subject.facts?.known ? subject.facts.labels : undefined;
  return evaluate(checks, subject, undefined, modeIn(labels ?? new Map(), 'enforce'), config).findings;
}

/**
 * The guard's answer to the creation of a NetworkPolicy by someone without any permission;
 * undefined where it has nothing to say.
 */
async function guard(
  { namespace = '', name, labels, facts }: Subject,
  object: unknown,
  config: Config,
): Promise<readonly Finding[] | undefined> {
  const { group, version, resource, kind } = networkPolicies;
  const request = {
    uid: '',
    kind: { group, version, kind },
    resource: { group, version, resource },
    operation: 'CREATE',
    namespace,
    name,
    userInfo: {},
    object: {
      ...recordOf(object),
      metadata: { ...recordOf(own(object, 'metadata')), name, labels: Object.fromEntries(labels) },
    },
  } as const;
  const verdict = await guardBaseline(
    request,
    {
      readNamespace: async () => {
        if (facts?.known !== true) throw new Error(facts?.reason ?? 'it is in no namespace');
        return { labels: facts.labels, fenced: facts.fenced, terminating: false };
      },
      anyPod: async () => true,
      readNetworkPolicy: async () => undefined,
      isAllowed: async () => false,
    },
    config,
  );
  return verdict?.findings;
}

const networkPolicies = {
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'networkpolicies',
  kind: 'NetworkPolicy',
};

/** The API server refuses such an object before any webhook is asked. */
function unreadableFinding({ field, found, expected, label, text }: Unreadable): Finding {
  const fix = label === undefined || text === undefined ? undefined : { key: label, value: text };
  return {
    check: 'readable',
    field,
    subject: fix?.key ?? field,
    found,
    reason: `is ${found} where ${expected} belongs`,
    action: 'deny',
    because: 'cluster',
    ...(fix === undefined ? {} : { fix }),
  };
}

function nameOf(object: unknown): string {
  const metadata = own(object, 'metadata');
  const name = isObject(metadata) ? own(metadata, 'name') : undefined;
  return typeof name === 'string' || typeof name === 'number' || typeof name === 'boolean' ? String(name) : '';
}
