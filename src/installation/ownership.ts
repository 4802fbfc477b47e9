import type { OwnerReference } from '../kubernetes/object-meta.ts';
import { recordOf } from '../kubernetes/raw-object.ts';
import { apiCode } from '../retry/answer.ts';
import type { Log } from '../telemetry/log.ts';
import { hasOwners } from './difference.ts';

/** The owner of the webhook configurations, with which the garbage collector deletes them. */
export interface Ownership {
  /**
   * Reads the owner if it is unknown, or may be another one by now, because the configuration is
   * gone or has another owner. Rejects if the owner cannot be read.
   */
  learn(live: unknown): Promise<void>;
  /** Returns the owners that a configuration must have, given the live one. */
  ownersFor(live: unknown): readonly OwnerReference[];
  /** Takes note if a replacement of these fields fails because of the owner. */
  changes<T>(differences: readonly string[], replacement: Promise<T>): Promise<T>;
}

/**
 * The admission plugin OwnerReferencesPermissionEnforcement, which OpenShift has switched on, lets
 * nobody change the owner of an object whom RBAC does not let delete it. Ringfence has no such
 * right. There, an object that an earlier release made keeps its owner, so that the rest of it can
 * still be repaired.
 * @param read resolves to the owner; undefined outside a cluster
 */
export function createOwnership(read: () => Promise<OwnerReference | undefined>, log: Pick<Log, 'warn'>): Ownership {
  let owner: OwnerReference | undefined;
  let isFixed = false;

  function ownersFor(live: unknown): readonly OwnerReference[] {
    if (isFixed && live !== undefined) {
      const found = recordOf(recordOf(live)['metadata'])['ownerReferences'];
      return Array.isArray(found) ? (found as readonly OwnerReference[]) : [];
    }
    return owner === undefined ? [] : [owner];
  }

  return {
    async learn(live) {
      if (owner === undefined || !hasOwners(live, ownersFor(live))) owner = await read();
    },
    ownersFor,
    async changes(differences, replacement) {
      try {
        return await replacement;
      } catch (error) {
        if (!isFixed && apiCode(error) === 403 && differences.includes('metadata.ownerReferences')) {
          isFixed = true;
          log.warn({ owner }, 'the owner of the webhooks may not be changed');
        }
        throw error;
      }
    },
  };
}
