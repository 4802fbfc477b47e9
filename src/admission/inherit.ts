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

/** The annotation of mirror Pods (core/v1), which the kubelet makes. They must not be changed. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/**
 * Returns the patch that adds the labels of {@link inheritedLabels}. An object with fields of the
 * wrong type gets no patch; validation judges it.
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
  // JSON Patch does not add parents, so missing ones are part of the value.
  if (metadata === undefined) return [{ op: 'add', path, value: { labels: Object.fromEntries(missing) } }];
  if (labels === undefined) return [{ op: 'add', path: `${path}/labels`, value: Object.fromEntries(missing) }];
  return [...missing].map(([key, value]) => ({ op: 'add', path: `${path}/labels/${pointer(key)}`, value }));
}

/**
 * Returns the labels that an object (in a workload, its pod template) lacks and gets. A key that
 * must agree gets the value of the namespace. A key that a Pod must carry gets the safe default of
 * the taxonomy, unless another label looks like a misspelling of the key, which the checks report.
 * Only missing labels are added, so a second call returns none. A ReplicaSet or a
 * workload of another project gets none if it has a controller.
 */
export function inheritedLabels(kind: ReadableKind, object: unknown, namespace: Labels, config: Config): Labels {
  const none = new Map<string, string>();
  const place = holderOf(kind, object);
  if (place === undefined) return none;
  const metadata = own(place.holder, 'metadata') ?? undefined;
  const annotations = own(metadata, 'annotations');
  if (kind === 'Pod' && own(annotations, mirrorAnnotation) !== undefined) return none;
  // A Deployment recognises its ReplicaSet by an equal template. If the template were changed at
  // admission, the Deployment would create one ReplicaSet after another.
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

/** Returns the part of an object with the labels, and its JSON Pointer; undefined if absent. */
function holderOf(kind: ReadableKind, object: unknown): { readonly holder: object; readonly path: string } | undefined {
  const steps = templatePathIn(kind);
  const holder = valueAt(object, ...steps);
  return typeof holder === 'object' && holder !== null && !Array.isArray(holder)
    ? { holder, path: steps.map((step) => `/${step}`).join('') }
    : undefined;
}

/** Escapes a key as a reference token of a JSON Pointer (RFC 6901). */
function pointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
