import type { Config } from '../config/config.ts';
import { type Named, otherTemplateChanges } from '../kubernetes/conditions.ts';
import { otherWorkloadRules, type Rule } from '../kubernetes/rules.ts';

/** What the API server is told of workloads of other projects. */
interface Calls {
  readonly rules: readonly Rule[];
  readonly conditions: readonly Named[];
}

/**
 * The webhook entry of a phase for the workloads that the configuration lists; none where it lists
 * none. A kind need not be served: a rule for what is not served matches nothing, and does so from
 * the moment it is served.
 */
export function otherWorkloadEntries<Start extends object>(
  start: Start,
  { workloads }: Pick<Config, 'workloads'>,
): readonly (Start & Calls)[] {
  if (workloads.length === 0) return [];
  const conditions = [{ name: 'template-changes', expression: otherTemplateChanges(workloads) }];
  return [{ ...start, rules: otherWorkloadRules(workloads), conditions }];
}
