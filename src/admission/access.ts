import { type Permission, permissionText } from '../policy/permissions.ts';
import type { UserInfo } from './review.ts';

/**
 * Asks by a cluster-wide SubjectAccessReview (authorization.k8s.io/v1). Throws if the API server
 * does not answer.
 */
export interface Access {
  readonly isAllowed: (user: UserInfo, permission: Permission) => Promise<boolean>;
}

/** The answer about one permission. No answer of the API server means undecided. */
export type Answer = { readonly allowed: boolean } | { readonly undecided: string };

/**
 * Asks for each permission once, for all in parallel. Returns the answers by
 * {@link permissionText}. Never throws.
 */
export async function askAll(
  user: UserInfo,
  permissions: readonly Permission[],
  access: Access,
): Promise<ReadonlyMap<string, Answer>> {
  const once = new Map(permissions.map((permission) => [permissionText(permission), permission]));
  const answers = [...once].map(async ([text, permission]): Promise<readonly [string, Answer]> => {
    try {
      return [text, { allowed: await access.isAllowed(user, permission) }];
    } catch (error) {
      return [text, { undecided: error instanceof Error ? error.message : String(error) }];
    }
  });
  return new Map(await Promise.all(answers));
}
