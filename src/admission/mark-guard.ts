import type { Finding } from '../policy/check.ts';
import { title } from '../policy/explain.ts';
import { fenceMark } from '../policy/mode.ts';
import type { Subject } from '../policy/subject.ts';
import type { GuardPorts } from './guard.ts';
import type { UserInfo } from './review.ts';
import type { Verdict } from './verdict.ts';

/**
 * Guards the mark: who takes it away ends the guarantee, so it needs the verb `lower` on fences.ringfence.dev, in every mode; an API server that
 * does not answer is no permission. Undefined where the mark stays, or where the user may.
 */
export async function guardMark(
  now: Subject,
  before: Subject | undefined,
  user: UserInfo,
  ports: Pick<GuardPorts, 'isAllowed'>,
): Promise<Verdict | undefined> {
  if (before === undefined || !before.labels.has(fenceMark) || now.labels.has(fenceMark)) return undefined;
  const permission = { verb: 'lower', group: 'ringfence.dev', resource: 'fences', name: now.name } as const;
  try {
    if (await ports.isAllowed(user, permission)) return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse(now, `not decided: whether ${user.username} may take it away: ${reason}`, [], true);
  }
  return refuse(now, 'taken away, and with it the guarantee that the baseline stands', [
    `To take it away, ${user.username ?? 'this user'} needs the verb "lower" on fences.ringfence.dev named "${now.name}"; a cluster role that grants it:`,
    `  rules: [{apiGroups: [ringfence.dev], resources: [fences], verbs: [lower], resourceNames: [${now.name}]}]`,
  ]);
}

function refuse(subject: Subject, reason: string, advice: readonly string[], undecided?: true): Verdict {
  const finding: Finding = {
    check: 'mark-guard',
    field: `${subject.labelsField}.${fenceMark}`,
    subject: fenceMark,
    found: undefined,
    reason,
    action: 'deny',
    because: 'cluster',
    ...(undecided ? { undecided } : {}),
  };
  const message = [`${title(subject)}: ${fenceMark} ${reason}  [mark-guard]`, ...advice].join('\n');
  return { outcome: 'denied', findings: [finding], subject, message, warnings: [] };
}
