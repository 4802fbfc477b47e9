import type { RuleText } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { exposedUnexpected } from '../policy/exposed-unexpected.ts';
import { guardRules, permissionRules } from '../policy/permissions.ts';
import { readable } from '../policy/readable.ts';

/** The rules besides the checks that can refuse an object. */
const otherRules: readonly RuleText[] = [
  guardRules['baseline-guard'],
  guardRules['never-fenced'],
  permissionRules['other-policy'],
  exposedUnexpected,
  readable,
];

/** Every rule, sorted by id. */
export const rules: readonly RuleText[] = [...checks, ...otherRules].sort((a, b) => (a.id < b.id ? -1 : 1));

/** The remedy of each rule, by its id. */
export const remedies: ReadonlyMap<string, string> = new Map(rules.map(({ id, remedy }) => [id, remedy]));
