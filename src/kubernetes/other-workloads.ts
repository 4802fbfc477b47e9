import type { GroupVersionKind } from './kinds.ts';

/** A kind of another project whose objects make Pods from a template. */
export interface OtherWorkload {
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  /** The versions in which it is judged; `*` alone is all of them. */
  readonly versions: readonly string[];
  /** The steps from the object to its pod template. */
  readonly template: readonly string[];
}

/** The listed kind of a request, by its group, version and resource. */
export function findByResource(
  { group = '', version, resource }: { readonly group?: string; readonly version: string; readonly resource: string },
  workloads: readonly OtherWorkload[],
): OtherWorkload | undefined {
  return workloads.find((one) => one.group === group && one.resource === resource && isServedIn(version, one));
}

/** The listed kind of an object, by its group, version and kind. */
export function findByKind(
  { group = '', version, kind }: GroupVersionKind,
  workloads: readonly OtherWorkload[],
): OtherWorkload | undefined {
  return workloads.find((one) => one.group === group && one.kind === kind && isServedIn(version, one));
}

function isServedIn(version: string, { versions }: OtherWorkload): boolean {
  return versions.includes('*') || versions.includes(version);
}
