// Rule: policyTypes of a NetworkPolicy names the directions for which it has rules. Rules of a
// direction that it leaves out have no effect. Without policyTypes, a policy isolates ingress, and
// egress only if it has an egress rule (networking.k8s.io/v1 NetworkPolicySpec.PolicyTypes). The
// API server fills it in before a webhook sees the policy, so only files can lack it. Restricted
// field: spec.policyTypes. In a fenced namespace the baseline isolates both directions anyway.

import { listAt, own } from '../../kubernetes/raw-object.ts';
import type { ObjectCheck, Violation } from '../check.ts';
import type { Subject } from '../subject.ts';

export const policyTypes: ObjectCheck = {
  id: 'policy-types',
  rule: 'A NetworkPolicy names in `policyTypes` every direction for which it has rules. With only egress rules it has `policyTypes`, because without it the policy isolates ingress as well.',
  remedy: 'Write policyTypes with the directions that are meant: Ingress, Egress or both.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  readsContent: true,
  run(subject) {
    const reasons = listAt(subject.networkPolicySpec, 'policyTypes').length > 0 ? leftOut(subject) : missing(subject);
    return reasons.map(
      ([found, reason]): Violation => ({ field: 'spec.policyTypes', subject: 'policyTypes', found, reason }),
    );
  },
};

type Reason = readonly [found: string, reason: string];

function leftOut({ networkPolicySpec: spec }: Subject): readonly Reason[] {
  const types = listAt(spec, 'policyTypes');
  return (['Ingress', 'Egress'] as const).flatMap((type): readonly Reason[] => {
    const direction = type.toLowerCase();
    if (types.includes(type) || listAt(spec, direction).length === 0) return [];
    return [[direction, `leaves out ${type}, so its ${direction} rules have no effect; add ${type}`]];
  });
}

function missing({ networkPolicySpec: spec, facts }: Subject): readonly Reason[] {
  if (facts?.known === true && facts.fenced) return [];
  const [ingress, egress] = [own(spec, 'ingress') ?? undefined, own(spec, 'egress')];
  if (ingress === undefined && listAt(spec, 'egress').length > 0)
    return [['ingress', 'missing, so its egress rules isolate ingress as well; write [Egress] or [Ingress, Egress]']];
  if (Array.isArray(egress) && egress.length === 0)
    return [['egress', 'missing, so its empty egress does not isolate egress; write [Egress] or [Ingress, Egress]']];
  return [];
}
