import type { Unreadable } from '../kubernetes/raw-object.ts';
import type { Finding } from '../policy/check.ts';
import { actionOf, outcomeOf } from '../policy/evaluate.ts';
import { title } from '../policy/explain.ts';
import type { Mode, ModeChoice } from '../policy/mode.ts';
import { nameOfKind, type ReadableKind } from '../policy/subject.ts';
import type { AdmissionRequest } from './review.ts';
import type { Verdict } from './verdict.ts';

/**
 * What the API server's choice of webhook entry says: it asked because the namespace (or, for a
 * Namespace, what it was) enforces, or because it does not. Undefined where the request came by
 * neither.
 */
export type Hint = 'enforced' | 'unenforced' | undefined;

/**
 * The mode where the namespace's own cannot be told: what the API server went by, and the stricter
 * reading where it says nothing.
 */
export function modeInDoubt(hint: Hint, cluster: Mode): ModeChoice {
  if (hint === 'enforced') return { mode: 'enforce', source: cluster === 'enforce' ? 'cluster' : 'namespace' };
  // Some namespace of an enforcing cluster chose a milder mode: which of the two is not known, and
  // neither refuses.
  if (hint === 'unenforced' && cluster === 'enforce') return { mode: 'warn', source: 'namespace' };
  return { mode: cluster, source: 'cluster' };
}

/** What keeps an object out and is no rule: these stand in findings where a check's id does. */
export const factChecks = ['baseline-gate', 'fence-mark', 'internal-error', 'readable'] as const;
export type FactCheck = (typeof factChecks)[number];

/** A fact that keeps an object out whatever its labels, as a finding. */
export function factFinding(
  check: FactCheck,
  about: string,
  reason: string,
  { mode, source }: ModeChoice,
  undecided?: true,
): Finding {
  return {
    check,
    field: '',
    subject: about,
    found: undefined,
    reason,
    action: actionOf(mode),
    because: source,
    ...(undecided ? { undecided } : {}),
  };
}

/**
 * What could not be decided, as a finding: enforce refuses for it, the other modes record or say
 * it.
 */
export function doubt(about: string, what: string, choice: ModeChoice): Finding {
  return factFinding('readable', about, `not decided: ${what}`, choice, true);
}

/** The verdict on an object that no check could be asked about. */
export function judgeAlone(subject: Verdict['subject'], finding: Finding, choice: ModeChoice): Verdict {
  const outcome = outcomeOf([finding]);
  const line = `  ${finding.subject}  ${finding.reason}  [${finding.check}]`;
  const message = `${title(subject)}: refused, because it could not be decided:\n${line}`;
  return {
    outcome,
    findings: [finding],
    subject,
    choice,
    warnings: [],
    ...(outcome === 'denied' ? { message } : {}),
  };
}

/** The verdict on an object that is not what its Kubernetes type says. */
export function unreadable(
  request: AdmissionRequest,
  readable: ReadableKind,
  { field, found, expected }: Unreadable,
  choice: ModeChoice,
): Verdict {
  const kind = nameOfKind(readable);
  const subject = { kind, namespace: kind === 'Namespace' ? undefined : request.namespace, name: request.name ?? '' };
  return judgeAlone(subject, doubt(field, `it is ${found} where ${expected} belongs`, choice), choice);
}

/**
 * The verdict on a review that no rule of ours asks for: doubt, which says how it may have come.
 */
export function unjudged(request: AdmissionRequest, choice: ModeChoice): Verdict {
  const { group, version, kind } = request.kind;
  const what = `Ringfence does not judge ${kind} of ${group === undefined || group === '' ? '' : `${group}/`}${version}; no rule of its webhooks asks for it`;
  const subject = { kind: 'Pod', namespace: request.namespace, name: request.name ?? '' } as const;
  const verdict = judgeAlone(subject, doubt('kind', what, choice), choice);
  return verdict.message === undefined
    ? verdict
    : { ...verdict, message: `${kind} ${request.name ?? ''}: refused, because it could not be decided: ${what}` };
}

/**
 * The verdict on a request that a defect of ours kept from being judged: enforce refuses, and the
 * other modes admit. Nothing of the error is shown: it may quote the object.
 */
export function failed(request: AdmissionRequest, choice: ModeChoice): Verdict {
  const message = `${request.kind.kind} ${request.name ?? ''}: refused, because Ringfence failed while judging it; its log has the error under uid ${request.uid}`;
  const denied = choice.mode === 'enforce';
  // A defect is no rule that anyone could follow: the person is not warned of it.
  const acting: ModeChoice = { ...choice, mode: denied ? 'enforce' : 'observe' };
  return {
    outcome: denied ? 'denied' : 'allowed',
    findings: [
      factFinding('internal-error', 'ringfence', 'not decided: Ringfence failed while judging it', acting, true),
    ],
    subject: { kind: 'Pod', namespace: request.namespace, name: request.name ?? '' },
    choice,
    warnings: [],
    errored: true,
    ...(denied ? { message } : {}),
  };
}
