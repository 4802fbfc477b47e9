import type { Config } from '../config/config.ts';
import { kindOf } from '../kubernetes/kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { findByResource } from '../kubernetes/other-workloads.ts';
import { controllerIn, own, valueAt } from '../kubernetes/raw-object.ts';
import { nearest } from '../policy/spelling.ts';
import { type ReadableKind, templatePathIn } from '../policy/subject.ts';
import { safeDefaultOf } from '../policy/taxonomy.ts';
import type { PatchOperation } from './respond.ts';
import type { AdmissionRequest } from './review.ts';

/**
 * Where the kubelet's own Pods say so (core/v1, annotation of a mirror Pod): the API server refuses
 * any other change of them.
 */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/**
 * The patch that fills in the labels of {@link inheritedLabels}. An object that is not what its
 * type says gets nothing, and validation answers it.
 */
export function inheritLabels(request: AdmissionRequest, namespace: Labels, config: Config): readonly PatchOperation[] {
  const kind = kindOf(request.kind)?.kind ?? findByResource(request.resource, config.workloads);
  if (kind === undefined || kind === 'Namespace') return [];
  const missing = inheritedLabels(kind, request.object, namespace, config);
  const place = holderOf(kind, request.object);
  if (place === undefined || missing.size === 0) return [];
  const metadata = own(place.holder, 'metadata') ?? undefined;
  const labels = own(metadata, 'labels') ?? undefined;
  const path = `${place.path}/metadata`;
  // JSON Patch adds no parents: what is not there is made, once.
  if (metadata === undefined) return [{ op: 'add', path, value: { labels: Object.fromEntries(missing) } }];
  if (labels === undefined) return [{ op: 'add', path: `${path}/labels`, value: Object.fromEntries(missing) }];
  return [...missing].map(([key, value]) => ({ op: 'add', path: `${path}/labels/${pointer(key)}`, value }));
}

/**
 * The labels that an object of a namespace lacks (a workload: its pod template) and gets. For a key
 * that has to agree it is the namespace's label. For a key that a Pod must carry it is the safe
 * default of the taxonomy, unless another label looks like a misspelling of the key: the checks
 * report that. Only missing labels are given, so that asking again gives none. A ReplicaSet, or a
 * workload of another project, that another object made is that one's to fill.
 */
export function inheritedLabels(kind: ReadableKind, object: unknown, namespace: Labels, config: Config): Labels {
  const none = new Map<string, string>();
  const place = holderOf(kind, object);
  if (place === undefined) return none;
  const metadata = own(place.holder, 'metadata') ?? undefined;
  const annotations = own(metadata, 'annotations');
  if (kind === 'Pod' && own(annotations, mirrorAnnotation) !== undefined) return none;
  // A Deployment knows its ReplicaSet by an equal template: where one is changed on its way, it
  // makes another, and another.
  const isCompared = kind === 'ReplicaSet' || typeof kind !== 'string';
  if (isCompared && controllerIn(valueAt(object, 'metadata', 'ownerReferences')) !== undefined) return none;
  const labels = own(metadata, 'labels') ?? undefined;
  if ([metadata, labels].some((part) => part !== undefined && (typeof part !== 'object' || Array.isArray(part))))
    return none;
  const { keys, required } = config.taxonomy;
  const misspellings = kind === 'NetworkPolicy' ? [] : Object.keys(labels ?? {}).filter((label) => !keys.has(label));
  return new Map(
    [...keys.values()].flatMap((entry): readonly (readonly [string, string])[] => {
      const { key, agrees } = entry;
      if (own(labels, key) !== undefined) return [];
      const isDefaulted = kind !== 'NetworkPolicy' && required.Pod.includes(key);
      const value = agrees ? namespace.get(key) : isDefaulted ? safeDefaultOf(entry) : undefined;
      if (value === undefined || (!agrees && nearest(key, misspellings) !== undefined)) return [];
      return [[key, value]];
    }),
  );
}

/**
 * The part of an object that carries the labels, and its JSON Pointer; undefined where there is
 * none.
 */
function holderOf(kind: ReadableKind, object: unknown): { readonly holder: object; readonly path: string } | undefined {
  const steps = templatePathIn(kind);
  const holder = valueAt(object, ...steps);
  return typeof holder === 'object' && holder !== null && !Array.isArray(holder)
    ? { holder, path: steps.map((step) => `/${step}`).join('') }
    : undefined;
}

/** A key as a reference token of a JSON Pointer (RFC 6901). */
function pointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
