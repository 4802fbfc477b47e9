import type { Config } from '../config/config.ts';
import { groupVersionOf } from '../kubernetes/kinds.ts';
import { findOtherPolicyKind, type OtherPolicyKind } from '../kubernetes/other-policies.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import type { Finding } from '../policy/check.ts';
import { actUnder } from '../policy/evaluate.ts';
import { modeIn } from '../policy/mode.ts';
import { permissionRules } from '../policy/permissions.ts';
import type { Inventory } from './inventory.ts';

/** The kind of policy that a document is, where it is one that can open a fence. */
export function openingKindIn(object: unknown): OtherPolicyKind | undefined {
  const { group } = groupVersionOf(textAt(object, 'apiVersion') ?? '');
  const kind = textAt(object, 'kind') ?? '';
  const found = findOtherPolicyKind(group, kind);
  return found?.opens === true ? found : undefined;
}

/**
 * What admission asks about a policy of another kind, as a finding that is not decided: who applies
 * the document is no fact about it. None where the namespace is known not to be fenced.
 */
export function openDoubts(
  { scope }: OtherPolicyKind,
  namespace: string | undefined,
  inventory: Inventory,
  config: Config,
): readonly Finding[] {
  const facts = scope === 'Cluster' ? undefined : inventory.namespaceFacts(namespace);
  if (facts?.known === true && !facts.fenced) return [];
  const rule = permissionRules['other-policy'];
  const name = facts === undefined ? '*' : namespace;
  const what =
    facts?.known === false
      ? `whether its namespace is fenced: ${facts.reason}`
      : `whether you may open ${name}; admission asks for "open" on fences.ringfence.dev "${name}"`;
  const labels = facts?.known === true ? facts.labels : new Map<string, string>();
  return [
    {
      check: rule.id,
      field: 'spec',
      subject: 'spec',
      found: undefined,
      reason: `not decided: ${what}`,
      undecided: true,
      ...actUnder(rule, modeIn(labels, 'enforce'), config),
    },
  ];
}
