import type { Config } from '../config/config.ts';
import { kindOf, templatePathOf } from '../kubernetes/kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { controllerIn, own, valueAt } from '../kubernetes/raw-object.ts';
import type { SubjectKind } from '../policy/subject.ts';
import type { PatchOperation } from './respond.ts';
import type { AdmissionRequest } from './review.ts';

/**
 * Where the kubelet's own Pods say so (core/v1, annotation of a mirror Pod): the API server refuses
 * any other change of them.
 */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/**
 * The patch that fills in what the namespace already says: for each key that has to agree, its
 * label where the object (a workload: its pod template) has none. Only what is missing, so that
 * asking again gives nothing; an object that is not what its type says gets nothing, and validation
 * answers it. A ReplicaSet that another object made is that one's to fill.
 */
export function inheritLabels(request: AdmissionRequest, namespace: Labels, config: Config): readonly PatchOperation[] {
  const kind = kindOf(request.kind)?.kind;
  if (kind === undefined || kind === 'Namespace') return [];
  const place = holderOf(kind, request.object);
  if (place === undefined) return [];
  const metadata = own(place.holder, 'metadata') ?? undefined;
  const annotations = own(metadata, 'annotations');
  if (kind === 'Pod' && own(annotations, mirrorAnnotation) !== undefined) return [];
  // A Deployment knows its ReplicaSet by an equal template: where one is changed on its way, it
  // makes another, and another.
  if (kind === 'ReplicaSet' && controllerIn(valueAt(request.object, 'metadata', 'ownerReferences')) !== undefined)
    return [];
  const labels = own(metadata, 'labels') ?? undefined;
  if ([metadata, labels].some((part) => part !== undefined && (typeof part !== 'object' || Array.isArray(part))))
    return [];
  const missing = [...config.taxonomy.keys.values()].flatMap(
    ({ key, agrees }): readonly (readonly [string, string])[] => {
      const value = namespace.get(key);
      return agrees && value !== undefined && own(labels, key) === undefined ? [[key, value]] : [];
    },
  );
  if (missing.length === 0) return [];
  const path = `${place.path}/metadata`;
  // JSON Patch adds no parents: what is not there is made, once.
  if (metadata === undefined) return [{ op: 'add', path, value: { labels: Object.fromEntries(missing) } }];
  if (labels === undefined) return [{ op: 'add', path: `${path}/labels`, value: Object.fromEntries(missing) }];
  return missing.map(([key, value]) => ({ op: 'add', path: `${path}/labels/${pointer(key)}`, value }));
}

/**
 * The part of an object that carries the labels, and its JSON Pointer; undefined where there is
 * none.
 */
function holderOf(kind: SubjectKind, object: unknown): { readonly holder: object; readonly path: string } | undefined {
  const steps = templatePathOf(kind);
  const holder = steps.reduce(own, object);
  return typeof holder === 'object' && holder !== null && !Array.isArray(holder)
    ? { holder, path: steps.map((step) => `/${step}`).join('') }
    : undefined;
}

/** A key as a reference token of a JSON Pointer (RFC 6901). */
function pointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
