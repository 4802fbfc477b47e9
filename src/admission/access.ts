import { type Permission, permissionText } from '../policy/permissions.ts';
import type { UserInfo } from './review.ts';

/**
 * SubjectAccessReview (authorization.k8s.io/v1), cluster-wide. Throws where the API server does not
 * answer.
 */
export interface Access {
  readonly isAllowed: (user: UserInfo, permission: Permission) => Promise<boolean>;
}

/** What Kubernetes says of one permission; silence is neither yes nor no. */
export type Answer = { readonly allowed: boolean } | { readonly undecided: string };

/**
 * Asks for each permission once, all of them at the same time; never throws. The answers are by
 * {@link permissionText}.
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
