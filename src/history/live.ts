import type { Audit } from '../audit/audit.ts';
import type { Cause } from '../audit/causes.ts';
import type { Collection } from '../audit/collection.ts';
import { count } from '../documents/count.ts';
import type { LoadedDocument } from '../documents/document.ts';
import { isNamespace } from '../judgement/inventory.ts';
import type { JudgedObject } from '../judgement/judgement.ts';
import { controllerIn, recordOf, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { isMode, modeLabel } from '../policy/mode.ts';
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
  /**
   * Whether the object of an audit line lives now, and would be admitted: itself, or what makes it.
   */
  readonly isCorrected: (line: AuditLine) => boolean;
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
 * it, if that is there: the next rollout replaces it.
 */
export function liveOf({ judgement, findings, causes }: Audit): Live {
  const byKey = new Map(judgement.objects.map((one) => [keyOf(one.subject), one]));
  const looked = judgement.objects.filter((one) => isLookedAt(one) && makerOf(one, byKey) === undefined);
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
    isCorrected(line) {
      const found = byKey.get(keyOf(line)) ?? controllerOf(line, byKey);
      if (found === undefined) return false;
      const maker = makerOf(found, byKey) ?? found;
      return !maker.exempt && !isRefused(maker);
    },
  };
}

function isLookedAt({ exempt, read }: JudgedObject): boolean {
  return !exempt && read !== undefined && read.role !== 'Namespace';
}

/** Whether enforce would refuse the object, or could not decide. */
function isRefused({ findings }: JudgedObject): boolean {
  return findings.some(({ action, undecided }) => action === 'deny' || undecided === true);
}

/** The outermost workload above an object that was judged; undefined if there is none. */
function makerOf(
  { document, subject }: JudgedObject,
  byKey: ReadonlyMap<string, JudgedObject>,
): JudgedObject | undefined {
  const controller = controllerIn(valueAt(document.object, 'metadata', 'ownerReferences'));
  const [kind, name] = [textAt(controller, 'kind'), textAt(controller, 'name')];
  if (kind === undefined || name === undefined) return undefined;
  const maker = byKey.get(keyOf({ kind, namespace: subject.namespace, name }));
  if (maker === undefined || maker.subject === subject) return undefined;
  return makerOf(maker, byKey) ?? maker;
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
