import { reservedNames } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import { isNamedOneOf, type Named, networkPolicyChanges, quotaChanges } from '../kubernetes/conditions.ts';
import { outsideOf } from '../kubernetes/namespaces.ts';
import type { LabelSelectorRequirement } from '../kubernetes/network-policy.ts';
import { type Rule, resourceQuotas, rulesOf } from '../kubernetes/rules.ts';
import { fenceMark, isMarked } from '../policy/mode.ts';
import { judgedKeys, type Taxonomy } from '../policy/taxonomy.ts';

/** The requests for which the API server calls one entry. */
export interface Calls {
  readonly rules: readonly Rule[];
  readonly namespaces: readonly LabelSelectorRequirement[];
  readonly conditions: readonly Named[];
}

/**
 * Returns the requests about NetworkPolicies for three entries. No request matches two of them.
 * - `ordinary`: policies with other names than the baseline's, in the selected namespaces.
 * - `reserved`: policies with names of the baseline, in selected namespaces without the mark.
 * - `baseline`: policies with names of the baseline, in all namespaces with the mark, because the
 *   baseline is guaranteed in every mode. It also matches quotas, because a quota without room for
 *   the baseline prevents it.
 */
export function networkPolicyCalls(
  selected: readonly LabelSelectorRequirement[],
  { taxonomy, exemptNamespaces }: Config,
): { readonly ordinary: Calls; readonly reserved: Calls; readonly baseline: Calls } {
  const rules = rulesOf(['NetworkPolicy'], ['CREATE', 'UPDATE']);
  const meaning = meaningChanges(taxonomy);
  return {
    ordinary: { rules, namespaces: selected, conditions: [notReserved, meaning] },
    reserved: {
      rules,
      namespaces: [...selected, { key: fenceMark, operator: 'DoesNotExist' }],
      conditions: [isReserved, meaning],
    },
    baseline: {
      rules: [...rulesOf(['NetworkPolicy'], ['CREATE', 'UPDATE', 'DELETE']), resourceQuotas],
      namespaces: [outsideOf(exemptNamespaces), isMarked],
      conditions: [
        {
          name: 'baseline-changes',
          expression: [
            `request.kind.kind == "ResourceQuota" ? (${quotaChanges.expression}) :`,
            `(${isReserved.expression} && (${meaning.expression}))`,
          ].join(' '),
        },
      ],
    },
  };
}

const isReserved: Named = { name: 'reserved', expression: isNamedOneOf(reservedNames) };
const notReserved: Named = { name: 'not-reserved', expression: `!(${isReserved.expression})` };

/** Matches a deletion of a NetworkPolicy, and a change of its meaning. */
function meaningChanges(taxonomy: Taxonomy): Named {
  const changes = networkPolicyChanges(judgedKeys(taxonomy));
  return { name: 'meaning-changes', expression: `request.operation == "DELETE" || (${changes})` };
}
