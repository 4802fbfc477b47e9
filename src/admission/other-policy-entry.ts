import type { Config } from '../config/config.ts';
import { type Named, otherPolicyChanges } from '../kubernetes/conditions.ts';
import type { LabelSelectorRequirement } from '../kubernetes/network-policy.ts';
import { otherPolicyRules, type Rule } from '../kubernetes/rules.ts';
import { isMarked } from '../policy/mode.ts';

/** What the API server is told of policies of other kinds. */
interface Calls {
  readonly rules: readonly Rule[];
  readonly namespaces: readonly LabelSelectorRequirement[];
  readonly conditions: readonly Named[];
}

/**
 * The webhook entry of a phase for policies of other kinds; none if the configuration leaves them
 * to others. The API server calls it for those in fenced namespaces, among the selected ones. It
 * calls the entry of the cluster's mode for cluster-scoped kinds as well, because a selector keeps
 * out no cluster-scoped object. The rules name kinds that need not be served: a kind that appears
 * later is guarded from its first object, and a kind that goes breaks nothing.
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
