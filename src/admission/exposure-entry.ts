import type { Config } from '../config/config.ts';
import { internalAnnotations } from '../exposure/service.ts';
import { exposureChanges, type Named } from '../kubernetes/conditions.ts';
import { exposingRules, type Rule } from '../kubernetes/rules.ts';
import { canDeny } from '../policy/evaluate.ts';
import { exposedUnexpected } from '../policy/exposed-unexpected.ts';

/** The requests about exposures for which the API server calls an entry. */
interface Calls {
  readonly rules: readonly Rule[];
  readonly conditions: readonly Named[];
}

/**
 * Returns the webhook entry of a phase for what can let the outside in; none unless `checks` raises
 * the check, because by default it only warns, which `check` does as well. A rule for a kind that
 * is not served matches nothing until the kind is served.
 */
export function exposureEntries<Start extends object>(
  start: Start,
  config: Pick<Config, 'caps'>,
): readonly (Start & Calls)[] {
  return canDeny(exposedUnexpected, config)
    ? [{ ...start, rules: exposingRules, conditions: [exposureChanges(internalAnnotations)] }]
    : [];
}
