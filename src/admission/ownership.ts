import { own } from '../kubernetes/raw-object.ts';

/** Whether an object in wire form belongs to a controller, which made it and will make it again (meta/v1 OwnerReference.controller). */
export function isControlled(object: unknown): boolean {
  const owners = own(own(object, 'metadata'), 'ownerReferences');
  return Array.isArray(owners) && owners.some((owner: unknown) => own(owner, 'controller') === true);
}
