import type { Config } from '../config/config.ts';
import { type Named, otherTemplateChanges } from '../kubernetes/conditions.ts';
import { otherWorkloadRules, type Rule } from '../kubernetes/rules.ts';

/** The operations and options of the entry for workloads of other projects. */
interface Calls {
  readonly rules: readonly Rule[];
  readonly conditions: readonly Named[];
}

/**
 * The webhook entry of a phase for the workloads that the configuration lists; none if it lists
 * none. A kind need not be served: its rule matches nothing until it is.
 */
export function otherWorkloadEntries<Start extends object>(
  start: Start,
  { workloads }: Pick<Config, 'workloads'>,
): readonly (Start & Calls)[] {
  if (workloads.length === 0) return [];
  const conditions = [{ name: 'template-changes', expression: otherTemplateChanges(workloads) }];
  return [{ ...start, rules: otherWorkloadRules(workloads), conditions }];
}
