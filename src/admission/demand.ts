import type { Permission, permissionRules } from '../policy/permissions.ts';

/** A part of a change of a namespace that needs a permission. */
export interface Demand {
  readonly check: Exclude<keyof typeof permissionRules, 'other-policy'> | 'lower';
  readonly permission: Permission;
  readonly field: string;
  /** The short name of the place in the object. */
  readonly subject: string;
  readonly found: string | undefined;
  /** Describes the change, for the beginning of the reason. */
  readonly what: string;
}
