import type { Unreadable } from '../kubernetes/raw-object.ts';
import type { Finding } from '../policy/check.ts';
import { actionOf, outcomeOf } from '../policy/evaluate.ts';
import { title } from '../policy/explain.ts';
import type { Mode, ModeChoice } from '../policy/mode.ts';
import { nameOfKind, type ReadableKind } from '../policy/subject.ts';
import type { AdmissionRequest } from './review.ts';
import type { Verdict } from './verdict.ts';

/**
 * What the called webhook entry says about the mode: the API server called it because the namespace
 * (for a Namespace: its old object) enforces, or because it does not. Undefined if the entry says
 * neither.
 */
export type Hint = 'enforced' | 'unenforced' | undefined;

/**
 * Returns the mode if the namespace's own mode is not known. The hint decides; without a hint, it
 * is the cluster's mode.
 */
export function modeInDoubt(hint: Hint, cluster: Mode): ModeChoice {
  if (hint === 'enforced') return { mode: 'enforce', source: cluster === 'enforce' ? 'cluster' : 'namespace' };
  // The namespace has chosen a milder mode than the cluster. It is not known which of the two
  // milder modes it is, but neither refuses.
  if (hint === 'unenforced' && cluster === 'enforce') return { mode: 'warn', source: 'namespace' };
  return { mode: cluster, source: 'cluster' };
}

/** Facts that keep an object out without a rule. Findings contain these like the id of a check. */
export const factChecks = ['baseline-gate', 'fence-mark', 'internal-error', 'readable'] as const;
export type FactCheck = (typeof factChecks)[number];

/** Returns the finding for a fact that keeps an object out, whatever its labels. */
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
 * Returns the finding for an undecided fact. Enforce refuses; the other modes record it or warn.
 */
export function doubt(about: string, what: string, choice: ModeChoice): Finding {
  return factFinding('readable', about, `not decided: ${what}`, choice, true);
}

/** Returns the verdict on an object that no check could judge. */
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

/** Returns the verdict on an object with a field of the wrong type. */
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

/** Returns the verdict on a review that no rule of the webhooks asks for: doubt. */
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
 * Returns the verdict on a request that could not be judged because of a defect of Ringfence.
 * Enforce refuses and the other modes admit. The message does not contain the error, which may
 * quote the object.
 */
export function failed(request: AdmissionRequest, choice: ModeChoice): Verdict {
  const message = `${request.kind.kind} ${request.name ?? ''}: refused, because Ringfence failed while judging it; its log has the error under uid ${request.uid}`;
  const denied = choice.mode === 'enforce';
  // The user cannot do anything about a defect, so there is no warning.
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
