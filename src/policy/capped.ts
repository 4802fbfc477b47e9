import { checks } from './checks/index.ts';
import { exposedUnexpected } from './exposed-unexpected.ts';
import { permissionRules } from './permissions.ts';

/**
 * The ids of the checks that `checks` in the configuration may cap. They do not include the guards,
 * which deny in every mode.
 */
export const cappedIds: readonly string[] = [...checks, exposedUnexpected, ...Object.values(permissionRules)].map(
  ({ id }) => id,
);
