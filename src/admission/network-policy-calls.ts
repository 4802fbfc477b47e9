import { reservedNames } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import { isNamedOneOf, type Named, networkPolicyChanges, quotaChanges } from '../kubernetes/conditions.ts';
import { outsideOf } from '../kubernetes/namespaces.ts';
import type { LabelSelectorRequirement } from '../kubernetes/network-policy.ts';
import { type Rule, resourceQuotas, rulesOf } from '../kubernetes/rules.ts';
import { fenceMark, isMarked } from '../policy/mode.ts';
import { judgedKeys, type Taxonomy } from '../policy/taxonomy.ts';

/** What the API server asks by one entry. */
export interface Calls {
  readonly rules: readonly Rule[];
  readonly namespaces: readonly LabelSelectorRequirement[];
  readonly conditions: readonly Named[];
}

/**
 * When the API server asks about NetworkPolicies: no request comes by two of the three. `ordinary`
 * are those of any other name than the baseline's, and `reserved` those of its names in namespaces
 * without the mark: both in the namespaces that are selected, by mode. `baseline` are those of its
 * names in namespaces with the mark, whatever the mode: the promise that the baseline stands holds
 * in every mode, so that it must not depend on an answer. A quota that leaves no room for the
 * baseline breaks it as well.
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

/** A NetworkPolicy means something else now, or it would go. */
function meaningChanges(taxonomy: Taxonomy): Named {
  const changes = networkPolicyChanges(judgedKeys(taxonomy));
  return { name: 'meaning-changes', expression: `request.operation == "DELETE" || (${changes})` };
}
