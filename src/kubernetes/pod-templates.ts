import { isInertKind } from './inert-kinds.ts';
import { expectedVersion, findKind, type GroupVersionKind, groupVersionOf, kindOf } from './kinds.ts';
import { findByKind, type OtherWorkload } from './other-workloads.ts';
import { isObject, textAt, valueAt } from './raw-object.ts';

/** A pod template in an object. */
export interface PodTemplate {
  /** The steps from the object to the template: keys of mappings, and indices of lists. */
  readonly path: readonly (string | number)[];
  /** The value at the path. It is undefined if a workload of Kubernetes lacks its template. */
  readonly template: unknown;
}

/** The group, version and kind of an object. Each is empty if it is missing. */
export function typeOf(object: unknown): Required<GroupVersionKind> {
  return { ...groupVersionOf(textAt(object, 'apiVersion') ?? ''), kind: textAt(object, 'kind') ?? '' };
}

/**
 * The pod templates of an object. A workload of Kubernetes has one, in any version. A kind of
 * another project has one where the configuration says so (`workloads`), or else those that are
 * found by their shape: a mapping under a key `template` or `…Template` whose `spec` has
 * `containers` (core/v1 PodSpec) or a `domain` (kubevirt.io VirtualMachineInstanceSpec). Empty for
 * any other object.
 */
export function podTemplatesOf(object: unknown, workloads: readonly OtherWorkload[]): readonly PodTemplate[] {
  const type = typeOf(object);
  const known = kindOf(type) ?? (expectedVersion(type) === undefined ? undefined : findKind(type.kind));
  if (known !== undefined)
    return known.template.length === 0 ? [] : [{ path: known.template, template: valueAt(object, ...known.template) }];
  const listed = findByKind(type, workloads);
  if (listed !== undefined) {
    const template = valueAt(object, ...listed.template);
    return isObject(template) ? [{ path: listed.template, template }] : [];
  }
  return isInertKind(type) ? [] : findTemplates(valueAt(object, 'spec'), ['spec']);
}

/** No known kind has a template deeper than this (a ClusterServiceVersion: 7). */
const depthLimit = 10;

function findTemplates(value: unknown, path: PodTemplate['path']): readonly PodTemplate[] {
  if (path.length > depthLimit) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => findTemplates(item, [...path, index]));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, child]): readonly PodTemplate[] =>
    isTemplateKey(key) && isPodTemplate(child)
      ? [{ path: [...path, key], template: child }]
      : findTemplates(child, [...path, key]),
  );
}

/** A path as messages and findings write it: `spec.tasks[0].template`. */
export function formatSteps(path: PodTemplate['path']): string {
  return path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('');
}

/**
 * An operator merges a `podTemplate` into the template that it makes itself, so the labels there
 * are not all labels of the Pods.
 */
function isTemplateKey(key: string): boolean {
  return key === 'template' || (key.endsWith('Template') && key !== 'podTemplate');
}

function isPodTemplate(value: unknown): boolean {
  const containers = valueAt(value, 'spec', 'containers');
  return (Array.isArray(containers) && containers.every(isObject)) || isObject(valueAt(value, 'spec', 'domain'));
}

/**
 * Whether an object may make Pods in a way that its fields do not show: it is of no kind that is
 * known to make none, and says what it wants (`spec`).
 */
export function mayMakePods(object: unknown): boolean {
  return !isInertKind(typeOf(object)) && isObject(valueAt(object, 'spec'));
}
