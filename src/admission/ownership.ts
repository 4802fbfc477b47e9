import { property } from './review.ts';

/** Whether an object in wire form belongs to a controller, which made it and will make it again (meta/v1 OwnerReference.controller). */
export function isControlled(object: unknown): boolean {
  const owners = property(property(object, 'metadata'), 'ownerReferences');
  return Array.isArray(owners) && owners.some((owner: unknown) => property(owner, 'controller') === true);
}
