import { type AdmissionRequest, property } from './admission/review.ts';
import type { Verdict } from './admission/verdict.ts';
import type { Occurrence } from './events/occurrence.ts';
import { title } from './policy/explain.ts';

/** What an Event says of a refusal, or of a permission that was used. Whose Event it is, the object's owners tell: nothing of it is believed here. */
export function occurrenceOf(request: AdmissionRequest, verdict: Verdict): Occurrence {
  const { subject, findings, message, permissions = [] } = verdict;
  const object = request.operation === 'DELETE' ? request.oldObject : request.object;
  const isDenied = verdict.outcome === 'denied';
  const user = request.userInfo.username ?? 'someone unnamed';
  return {
    reason: isDenied ? 'Denied' : 'PermissionUsed',
    kind: subject.kind,
    namespace: subject.namespace,
    name: subject.name,
    owners: property(property(object, 'metadata'), 'ownerReferences'),
    checks: findings.filter(({ action }) => action === 'deny').map(({ check }) => check),
    message:
      isDenied && message !== undefined ? message : `${title(subject)}: ${user} made use of ${permissions.join(', ')}`,
  };
}
