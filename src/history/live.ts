import type { Audit } from '../audit/audit.ts';
import type { Cause } from '../audit/causes.ts';
import type { Collection } from '../audit/collection.ts';
import { count } from '../documents/count.ts';
import type { LoadedDocument } from '../documents/document.ts';
import { isNamespace } from '../judgement/inventory.ts';
import type { JudgedObject } from '../judgement/judgement.ts';
import { controllerIn, recordOf, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { isMode, modeLabel } from '../policy/mode.ts';
import { readable } from '../policy/readable.ts';
import type { AuditLine } from './line.ts';

/** The live objects that enforce would refuse if they were made again or changed. */
export interface Live {
  /**
   * How many objects of each namespace are looked at: templates, Pods that nothing makes again, and
   * NetworkPolicies.
   */
  readonly judged: ReadonlyMap<string, number>;
  /** The refused objects of each namespace. */
  readonly refused: ReadonlyMap<string, number>;
  /** What has to be corrected for them, most objects first. */
  readonly causes: readonly Cause[];
  /** Those of them whose workload is corrected already, and still rolls out. */
  readonly rollouts: readonly Rollout[];
  /**
   * Whether the object of an audit line lives now, and would be admitted: itself, or what makes it.
   */
  readonly isCorrected: (line: AuditLine) => boolean;
}

/** An object of an earlier template that a workload still runs. */
export interface Rollout {
  readonly namespace: string;
  /** `ReplicaSet web-859f4dd95b`, `Job backup-29` or, of a StatefulSet, `Pod store-0`. */
  readonly object: string;
  /** `Deployment web`. */
  readonly workload: string;
  /** What ends it. */
  readonly remedy: string;
}

/** The collection as if every namespace enforced: without labels that choose a milder mode. */
export function asEnforcing(collection: Collection): Collection {
  return { ...collection, documents: collection.documents.map((one) => (isNamespace(one) ? enforcing(one) : one)) };
}

function enforcing(document: LoadedDocument): LoadedDocument {
  const { object } = document;
  if (!isMode(valueAt(object, 'metadata', 'labels', modeLabel))) return document;
  const metadata = recordOf(valueAt(object, 'metadata'));
  const { [modeLabel]: _, ...labels } = recordOf(metadata['labels']);
  return { ...document, object: { ...recordOf(object), metadata: { ...metadata, labels } } };
}

/**
 * Reads an audit of {@link asEnforcing}. A Pod or ReplicaSet is judged by the template that makes
 * it, if that is there: the next rollout replaces it. Until a rollout has ended, what is left of an
 * earlier template counts too, if Pods are made again from that template.
 */
export function liveOf({ judgement, findings, causes }: Audit): Live {
  const byKey = new Map(judgement.objects.map((one) => [keyOf(one.subject), one]));
  const rollouts: Rollout[] = [];
  const looked = judgement.objects.filter((one) => {
    if (!isLookedAt(one)) return false;
    const maker = makerOf(one, byKey);
    if (maker === undefined) return true;
    const isLeft = isRefused(one) && !isRefused(maker) && isMadeAgain(one, byKey);
    if (isLeft) rollouts.push(rolloutOf(one, maker));
    return isLeft;
  });
  const refused = new Set(looked.filter(isRefused).map(({ subject }) => keyOf(subject)));
  const [judged, counts] = [new Map<string, number>(), new Map<string, number>()];
  for (const one of looked) {
    const { namespace = '' } = one.subject;
    count(judged, namespace);
    if (isRefused(one)) count(counts, namespace);
  }
  const blocking = findings.filter(
    (one) => refused.has(keyOf(one)) && (one.severity === 'error' || one.severity === 'undecided'),
  );
  const ids = new Set(blocking.map(({ cause }) => cause.id));
  return {
    judged,
    refused: counts,
    causes: causes.filter(({ id }) => ids.has(id)),
    rollouts,
    isCorrected(line) {
      const found = byKey.get(keyOf(line)) ?? controllerOf(line, byKey);
      if (found === undefined) return false;
      const maker = makerOf(found, byKey) ?? found;
      return !maker.exempt && !isRefused(maker);
    },
  };
}

/**
 * What is being deleted is not made again, or what makes it counts. An object that cannot be read
 * as its kind counts: enforce refuses it.
 */
function isLookedAt({ document, subject, exempt, read, findings }: JudgedObject): boolean {
  const isLeaving = valueAt(document.object, 'metadata', 'deletionTimestamp') !== undefined;
  const isJudged = read !== undefined || findings.some(({ check }) => check === readable.id);
  return !exempt && !isLeaving && isJudged && subject.kind !== 'Namespace';
}

/** Whether enforce would refuse the object, or could not decide. */
function isRefused({ findings }: JudgedObject): boolean {
  return findings.some(({ action, undecided }) => action === 'deny' || undecided === true);
}

/**
 * Whether Pods of an earlier template are made again although the workload has another one: by what
 * has a template of its own, such as a ReplicaSet or a Job (the collection has none that is scaled
 * to 0 or has ended), and by a StatefulSet below the partition of its rolling update
 * (newVersionedStatefulSetPod in pkg/controller/statefulset/stateful_set_utils.go of Kubernetes).
 * Every other Pod is made again from the new template, also with the strategy OnDelete.
 */
function isMadeAgain(one: JudgedObject, byKey: ReadonlyMap<string, JudgedObject>): boolean {
  const { subject, document } = one;
  if (subject.kind !== 'Pod') return true;
  const set = directMakerOf(one, byKey);
  if (set?.subject.kind !== 'StatefulSet') return false;
  const numberAt = (...path: readonly string[]) => Number(valueAt(set.document.object, 'spec', ...path) ?? 0);
  const partition = numberAt('updateStrategy', 'rollingUpdate', 'partition');
  const ordinal = Number(/-([0-9]+)$/.exec(subject.name)?.[1]);
  const revision = textAt(document.object, 'metadata', 'labels', 'controller-revision-hash');
  const status = (field: string) => textAt(set.document.object, 'status', field);
  return (
    ordinal < numberAt('ordinals', 'start') + partition &&
    revision === status('currentRevision') &&
    revision !== status('updateRevision')
  );
}

function rolloutOf({ subject }: JudgedObject, maker: JudgedObject): Rollout {
  return {
    namespace: subject.namespace ?? '',
    object: `${subject.kind} ${subject.name}`,
    workload: `${maker.subject.kind} ${maker.subject.name}`,
    remedy: remedies.get(subject.kind) ?? 'let the rollout end, and resume it if it is paused',
  };
}

const remedies: ReadonlyMap<string, string> = new Map([
  ['Job', 'let it end, or delete it'],
  ['Pod', 'lower the partition of the rolling update'],
]);

/** The outermost workload above an object that was judged; undefined if there is none. */
function makerOf(one: JudgedObject, byKey: ReadonlyMap<string, JudgedObject>): JudgedObject | undefined {
  const maker = directMakerOf(one, byKey);
  return maker && (makerOf(maker, byKey) ?? maker);
}

/** A NetworkPolicy is itself what counts, also where a workload's operator writes it. */
function directMakerOf(
  { document, subject, read }: JudgedObject,
  byKey: ReadonlyMap<string, JudgedObject>,
): JudgedObject | undefined {
  if (read?.role === 'NetworkPolicy') return undefined;
  const controller = controllerIn(valueAt(document.object, 'metadata', 'ownerReferences'));
  const [kind, name] = [textAt(controller, 'kind'), textAt(controller, 'name')];
  if (kind === undefined || name === undefined) return undefined;
  const maker = byKey.get(keyOf({ kind, namespace: subject.namespace, name }));
  return maker?.subject === subject ? undefined : maker;
}

/** The controller that a line names or, if it is gone, the Deployment or CronJob that made it. */
function controllerOf(
  { controller = '', namespace }: AuditLine,
  byKey: ReadonlyMap<string, JudgedObject>,
): JudgedObject | undefined {
  const [kind = '', name = ''] = controller.split('/');
  const above = kind === 'ReplicaSet' ? 'Deployment' : kind === 'Job' ? 'CronJob' : undefined;
  const direct = byKey.get(keyOf({ kind, namespace, name }));
  if (direct !== undefined || above === undefined) return direct;
  return byKey.get(keyOf({ kind: above, namespace, name: name.slice(0, Math.max(name.lastIndexOf('-'), 0)) }));
}

function keyOf({ kind, namespace = '', name }: { kind: string; namespace?: string | undefined; name: string }): string {
  return `${kind} ${kind === 'Namespace' ? '' : namespace}/${name}`;
}
