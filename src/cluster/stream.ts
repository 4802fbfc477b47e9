import type { ObjectMeta, RawObject } from '../kubernetes/object-meta.ts';

/** `namespace/name`, or `name` where the resource has no namespace. */
export function keyOf({ namespace, name }: ObjectMeta): string {
  return namespace === undefined ? (name ?? '') : `${namespace}/${name ?? ''}`;
}

/** Bookmarks have metadata, but no name. */
export function hasMetadata(object: unknown): object is RawObject {
  return (
    typeof object === 'object' &&
    object !== null &&
    'metadata' in object &&
    typeof object.metadata === 'object' &&
    object.metadata !== null
  );
}

export function isNamed(object: unknown): object is RawObject {
  return hasMetadata(object) && typeof object.metadata.name === 'string';
}

/**
 * Whether a version lies before another one, or is it. Resource versions of one collection are numbers that grow (KEP-5504); what is no number
 * is taken for new.
 */
export function isPast(version: string | undefined, reached: string | undefined): boolean {
  if (version === undefined || reached === undefined || !isNumber.test(version) || !isNumber.test(reached))
    return false;
  return BigInt(version) <= BigInt(reached);
}

const isNumber = /^\d+$/;
