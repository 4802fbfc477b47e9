import { baselineParts } from '../baseline/desired.ts';
import type { Config } from '../config/config.ts';
import { own } from '../kubernetes/raw-object.ts';
import { networkPolicyCount } from '../kubernetes/rules.ts';
import type { Finding } from '../policy/check.ts';
import { grantsOf, title, warning } from '../policy/explain.ts';
import { permissionText } from '../policy/permissions.ts';
import type { Titled } from '../policy/subject.ts';
import type { Access } from './access.ts';
import type { AdmissionRequest } from './review.ts';
import { pass, type Verdict } from './verdict.ts';

/**
 * Guards the baseline of a fenced namespace against a ResourceQuota without room for it, which
 * would prevent Ringfence from making or restoring the baseline. That has the effect of a deletion,
 * so it needs `breach`, in every mode. The webhook entry matches only namespaces with the mark.
 */
export async function guardQuota(request: AdmissionRequest, access: Access, config: Config): Promise<Verdict> {
  const namespace = request.namespace ?? '';
  const name = request.name ?? '';
  const subject = { kind: 'ResourceQuota', namespace, name };
  const count = own(own(own(request.object, 'spec'), 'hard'), networkPolicyCount);
  const needed = baselineParts(config).length;
  // The count is a Quantity in its canonical form (`2`, `1k`). The API server refuses fractions.
  if (request.operation === 'DELETE' || count === undefined || !(Number(count) < needed)) return pass(subject);
  const permission = { verb: 'breach', resource: 'fences', name: namespace } as const;
  const said = `${networkPolicyCount}=${String(count)} leaves no room for the baseline, which is ${needed} NetworkPolicies`;
  try {
    if (!(await access.isAllowed(request.userInfo, permission)))
      return refused(subject, { count, reason: said, missing: permission });
  } catch (error) {
    const silence = error instanceof Error ? error.message : String(error);
    const reason = `not decided: whether ${request.userInfo.username} may breach the fence of ${namespace}: ${silence}`;
    return refused(subject, { count, reason, undecided: true });
  }
  return {
    outcome: 'warned',
    findings: [{ ...findingOf({ count, reason: said }), action: 'warn' }],
    subject,
    warnings: [warning(subject, 'leaves no room for the baseline, which cannot be put back')],
    permissions: [permissionText(permission)],
  };
}

type Found = Pick<Finding, 'reason' | 'missing' | 'undecided'> & { readonly count: unknown };

function findingOf({ count, ...found }: Found): Finding {
  return {
    check: 'baseline-guard',
    field: `spec.hard.${networkPolicyCount}`,
    subject: networkPolicyCount,
    found: String(count),
    ...found,
    action: 'deny',
    because: 'guard',
  };
}

function refused(subject: Titled, found: Found): Verdict {
  const finding = findingOf(found);
  const message = [`${title(subject)}: ${finding.reason}  [baseline-guard]`, ...grantsOf([finding])].join('\n');
  return { outcome: 'denied', findings: [finding], subject, warnings: [], message };
}
