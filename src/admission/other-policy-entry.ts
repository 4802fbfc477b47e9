import type { Config } from '../config/config.ts';
import { type Named, otherPolicyChanges } from '../kubernetes/conditions.ts';
import type { LabelSelectorRequirement } from '../kubernetes/network-policy.ts';
import { otherPolicyRules, type Rule } from '../kubernetes/rules.ts';
import { isMarked } from '../policy/mode.ts';

/** The requests about policies of other kinds for which the API server calls an entry. */
interface Calls {
  readonly rules: readonly Rule[];
  readonly namespaces: readonly LabelSelectorRequirement[];
  readonly conditions: readonly Named[];
}

/**
 * Returns the webhook entry of a phase for policies of other kinds; none if the configuration does
 * not guard them. The API server calls it for policies in selected namespaces with the mark. The
 * entry of the cluster's mode also matches cluster-scoped kinds. The rules may name kinds that are
 * not served: a kind that is installed later is guarded from its first object, and a kind that is
 * removed causes no error.
 */
export function otherPolicyEntries<Start extends Pick<Calls, 'namespaces'> & { readonly phase: string }>(
  start: Start,
  { mode, otherPolicies }: Pick<Config, 'mode' | 'otherPolicies'>,
): readonly (Start & Calls)[] {
  if (!otherPolicies) return [];
  const isOfCluster = (start.phase !== 'unenforced') === (mode === 'enforce');
  return [
    {
      ...start,
      rules: [...otherPolicyRules('Namespaced'), ...(isOfCluster ? otherPolicyRules('Cluster') : [])],
      namespaces: [...start.namespaces, isMarked],
      conditions: [otherPolicyChanges],
    },
  ];
}
