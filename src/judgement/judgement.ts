import { setImmediate } from 'node:timers/promises';
import { inheritedLabels } from '../admission/inherit.ts';
import { guardMark } from '../admission/namespace-guard.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import { count } from '../documents/count.ts';
import type { LoadedDocument, Place } from '../documents/document.ts';
import { findField } from '../documents/field.ts';
import type { Exposure } from '../exposure/exposure.ts';
import { readLabels } from '../kubernetes/labels.ts';
import type { OtherPolicyKind } from '../kubernetes/other-policies.ts';
import { mayMakePods } from '../kubernetes/pod-templates.ts';
import { isObject, own } from '../kubernetes/raw-object.ts';
import type { Finding } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { evaluate } from '../policy/evaluate.ts';
import { modeIn } from '../policy/mode.ts';
import { readable } from '../policy/readable.ts';
import {
  isSubject,
  nameOfKind,
  type ReadableKind,
  readSubject,
  type Subject,
  type Titled,
  templatePathIn,
} from '../policy/subject.ts';
import { createExposureJudge, type ExposureJudge } from './exposure.ts';
import { findMalformed, type Meant, meantBy } from './form.ts';
import { guardNew } from './guard.ts';
import type { Inventory } from './inventory.ts';
import { describe, readableKindsOf, wrongNamespace, wrongVersion } from './kind.ts';
import { openDoubts, openingKindIn } from './other-policies.ts';
import { remedies } from './rules.ts';

/** A finding, and its position in the file. */
export interface LocatedFinding extends Finding, Place {
  readonly remedy: string;
}

/** One object that Ringfence judges, and the findings of admission at its creation. */
export interface JudgedObject {
  readonly document: LoadedDocument;
  readonly subject: Titled;
  /**
   * The subject that the checks saw. Undefined if the object could not be read as its kind, or if
   * no check judges its kind.
   */
  readonly read: Subject | undefined;
  /** Not judged, because the configuration exempts its namespace (or the Namespace itself). */
  readonly exempt: boolean;
  readonly findings: readonly LocatedFinding[];
  /** Findings that stood before, which do not count; undefined if there are none. */
  readonly known?: readonly LocatedFinding[];
}

export interface Judgement {
  readonly objects: readonly JudgedObject[];
  /** How many documents were skipped, by type: `v1 Service`, `no Kubernetes object`. */
  readonly passedOver: ReadonlyMap<string, number>;
  /** Those of the skipped documents that may make Pods, which nobody has judged; by type. */
  readonly unread: ReadonlyMap<string, number>;
  /** Workloads that say expose="true", although nothing in the documents leads to them. */
  readonly unreached: readonly string[];
}

/**
 * Judges each document as if it were created in a cluster that enforces: with the same checks and
 * the same messages, offline. Whether a user may give a namespace its identity is not a fact about
 * a document. Kubernetes is asked that at admission, and it is not asked here.
 */
export async function judgeDocuments(
  documents: readonly LoadedDocument[],
  inventory: Inventory,
  config: Config,
): Promise<Judgement> {
  const objects: JudgedObject[] = [];
  const passedOver = new Map<string, number>();
  const unread = new Map<string, number>();
  const exposures = createExposureJudge(inventory, config);
  for (const [index, document] of documents.entries()) {
    // Whoever judges a whole cluster may have others to answer meanwhile.
    if (index % 500 === 499) await setImmediate();
    const kinds = readableKindsOf(document.object, config.workloads);
    const exposure = exposures.exposureOf(document);
    const opening = config.otherPolicies ? openingKindIn(document.object) : undefined;
    if (opening !== undefined) objects.push(judgeOtherPolicy(document, opening, inventory, config));
    else if (kinds.length > 0)
      for (const kind of kinds) objects.push(await judge(document, kind, inventory, { ...config, mode: 'enforce' }));
    else if (exposure !== undefined) objects.push(judgeExposure(document, exposure, exposures, config));
    else {
      const what = describe(document.object);
      count(passedOver, what);
      if (mayMakePods(document.object)) count(unread, what);
    }
  }
  return { objects, passedOver, unread, unreached: exposures.unreached() };
}

async function judge(
  document: LoadedDocument,
  kind: ReadableKind,
  inventory: Inventory,
  config: Config,
): Promise<JudgedObject> {
  const namespace = kind === 'Namespace' ? undefined : inventory.namespaceOf(document.object);
  const facts = kind === 'Namespace' ? undefined : inventory.namespaceFacts(namespace);
  const { object } = document;
  const misreads = [...wrongVersion(kind, object), ...wrongNamespace(object)];
  // The checks of a workload read the labels of its pod template. Its own must be texts too.
  if (templatePathIn(kind).length > 0) misreads.push(...readLabels(object).problems);
  const name = nameOf(object);
  const surroundings =
    kind === 'NetworkPolicy' ? { surroundings: inventory.surroundings(namespace ?? '', name) } : undefined;
  const read = readSubject(kind, object, {
    operation: 'CREATE',
    namespace,
    facts,
    ...surroundings,
    // In YAML, `expose: true` and `team: 42` are not texts. Each is a finding, and the checks judge
    // the intended text.
    onMisread: (misread) => misreads.push(misread),
  });
  if (!isSubject(read)) misreads.push(read);
  const unread = misreads.map((misread) => meantBy(misread, document, config.taxonomy));
  const meant = isSubject(read) ? withMeant(read, unread) : undefined;
  const subject = meant ?? { kind: nameOfKind(kind), namespace, name };
  const located = locatedIn(document);
  const seen = meant === undefined ? undefined : withInherited(kind, meant, object, config);
  const judged = { document, subject, read: seen };
  const exempt = isExempt((kind === 'Namespace' ? subject.name : namespace) ?? '', config);
  // An exemption frees a namespace from the checks, and not from the guard of its mark.
  if (exempt) return { ...judged, exempt, findings: guardMark(seen, undefined, config).map(located) };
  const findings = seen === undefined ? [] : await judgeSubject(seen, object, inventory, config);
  const isToldBy = ({ field }: Finding) =>
    findings.some((other) => other.check === 'label-values' && other.action === 'deny' && other.field === field);
  const malformed = [
    ...unread.map(({ finding }) => finding),
    ...findMalformed(kind, document).filter((finding) => !isToldBy(finding)),
  ];
  // What a check says of the form is among these, one by one.
  const others = findings
    .filter(({ check, undecided }) => check !== readable.id || undecided)
    .map((finding) => (seen === undefined ? finding : withoutInherited(finding, seen, config)));
  return { ...judged, exempt, findings: [...malformed, ...others].map(located) };
}

/** The subject with the texts that are meant by labels that are no texts. */
function withMeant(subject: Subject, unread: readonly Meant[]): Subject {
  const { labels } = subject;
  const meant = unread.flatMap(({ finding, label, text }): readonly (readonly [string, string])[] =>
    label === undefined || text === undefined || finding.field !== `${subject.labelsField}.${label}`
      ? []
      : [[label, text]],
  );
  return meant.length === 0 ? subject : { ...subject, labels: new Map([...labels, ...meant]) };
}

function judgeOtherPolicy(
  document: LoadedDocument,
  kind: OtherPolicyKind,
  inventory: Inventory,
  config: Config,
): JudgedObject {
  const namespace = kind.scope === 'Cluster' ? undefined : inventory.namespaceOf(document.object);
  const exempt = namespace !== undefined && isExempt(namespace, config);
  const findings = exempt ? [] : openDoubts(kind, namespace, inventory, config);
  const subject = { kind: kind.kind, namespace, name: nameOf(document.object) };
  return { document, subject, read: undefined, exempt, findings: findings.map(locatedIn(document)) };
}

function judgeExposure(
  document: LoadedDocument,
  exposure: Exposure,
  exposures: ExposureJudge,
  config: Config,
): JudgedObject {
  const { kind, name } = exposure;
  const namespace = exposure.namespace === '' ? undefined : exposure.namespace;
  const exempt = namespace !== undefined && isExempt(namespace, config);
  const findings = exempt ? [] : exposures.judge(exposure);
  const subject = { kind, namespace, name };
  return { document, subject, read: undefined, exempt, findings: findings.map(locatedIn(document)) };
}

function locatedIn(document: LoadedDocument): (finding: Finding) => LocatedFinding {
  return (finding) => ({
    ...finding,
    remedy: remedies.get(finding.check) ?? '',
    ...document.placeOf(findField(document.object, finding.field)),
  });
}

/**
 * The subject as admission judges it: with the labels that `inherit` filled in. Safe defaults do
 * not depend on the namespace, which exists at admission.
 */
function withInherited(kind: ReadableKind, subject: Subject, object: unknown, config: Config): Subject {
  const { facts, labels } = subject;
  if (!config.inherit || kind === 'Namespace') return subject;
  const given = facts?.known === true ? facts.labels : new Map<string, string>();
  return { ...subject, labels: new Map([...labels, ...inheritedLabels(kind, object, given, config)]) };
}

/** A missing label that an unknown namespace may fill in is not decided. */
function withoutInherited(finding: Finding, { facts }: Subject, { inherit, taxonomy }: Config): Finding {
  const mayInherit = inherit && taxonomy.keys.get(finding.subject)?.agrees === true;
  if (!mayInherit || facts?.known !== false || finding.check !== 'required-labels') return finding;
  return { ...finding, reason: `not decided: whether its namespace gives it: ${facts.reason}`, undecided: true };
}

async function judgeSubject(
  subject: Subject,
  object: unknown,
  inventory: Inventory,
  config: Config,
): Promise<readonly Finding[]> {
  if (subject.kind !== 'NetworkPolicy') return evaluateNew(subject, config);
  const guarded = await guardNew(subject, object, config);
  if (guarded !== undefined) return guarded;
  const findings = evaluateNew(subject, config);
  if (subject.surroundings === undefined || inventory.knowsAllPolicies(subject.namespace ?? '')) return findings;
  // The cluster may have more policies than the files. Policies add up, so what is allowed stays
  // allowed. What is not allowed (for example DNS) is unknown.
  const doubts = evaluateNew({ ...subject, surroundings: { ...subject.surroundings, others: undefined } }, config);
  return findings.map(
    (finding) =>
      doubts.find((doubt) => doubt.undecided && doubt.check === finding.check && doubt.field === finding.field) ??
      finding,
  );
}

function evaluateNew(subject: Subject, config: Config): readonly Finding[] {
  // A namespace with its own mode is judged by that mode, even in a cluster that enforces.
  const labels =
    subject.kind === 'Namespace' ? subject.labels : subject.facts?.known ? subject.facts.labels : undefined;
  return evaluate(checks, subject, undefined, modeIn(labels ?? new Map(), 'enforce'), config).findings;
}

function nameOf(object: unknown): string {
  const metadata = own(object, 'metadata');
  const name = isObject(metadata) ? own(metadata, 'name') : undefined;
  return typeof name === 'string' || typeof name === 'number' || typeof name === 'boolean' ? String(name) : '';
}
