import type { Config } from '../config/config.ts';
import { type Named, otherPolicyChanges } from '../kubernetes/conditions.ts';
import type { LabelSelectorRequirement } from '../kubernetes/network-policy.ts';
import { otherPolicyRules, type Rule } from '../kubernetes/rules.ts';
import { fenceMark } from '../policy/mode.ts';

/**
 * When the API server asks about policies of other kinds: in fenced namespaces among those that are
 * selected, and for cluster-scoped kinds by the one entry that has the cluster's mode (the selector
 * keeps out no cluster-scoped object). The rules name kinds that need not be served: one that
 * appears later is guarded from its first object on, and one that goes breaks nothing.
 */
export function otherPolicyCalls(
  selected: readonly LabelSelectorRequirement[],
  isEnforced: boolean,
  { mode }: Pick<Config, 'mode'>,
): {
  readonly rules: readonly Rule[];
  readonly namespaces: readonly LabelSelectorRequirement[];
  readonly conditions: readonly Named[];
} {
  const clusterScoped = isEnforced === (mode === 'enforce') ? otherPolicyRules('Cluster') : [];
  return {
    rules: [...otherPolicyRules('Namespaced'), ...clusterScoped],
    namespaces: [...selected, { key: fenceMark, operator: 'Exists' }],
    conditions: [otherPolicyChanges],
  };
}
