import type { Config } from '../config/config.ts';
import type { Finding } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { evaluate, evaluateInSteps, outcomeOf } from '../policy/evaluate.ts';
import { explainDenial, explainWarnings } from '../policy/explain.ts';
import type { ModeChoice } from '../policy/mode.ts';
import type { Subject, Titled } from '../policy/subject.ts';
import type { Judged } from './identity.ts';
import type { Steps } from './turns.ts';

/** The decision about a request, before it becomes an AdmissionResponse and an audit line. */
export interface Verdict {
  readonly outcome: 'allowed' | 'warned' | 'denied';
  readonly findings: readonly Finding[];
  /** The object that messages name. */
  readonly subject: Titled;
  /**
   * The mode under which the request was judged, with its source; undefined if no mode was needed,
   * for example in an exempt namespace.
   */
  readonly choice?: ModeChoice;
  /** The text of the refusal, if `outcome` is denied. */
  readonly message?: string;
  readonly warnings: readonly string[];
  /** Whether a defect of Ringfence decided, and not a rule. */
  readonly errored?: true;
  /** The gate's answer about the wall: `there`, `made`, … */
  readonly wall?: string;
  /** The permissions that the request used: `claim identities/team:shop`. */
  readonly permissions?: readonly string[];
  /** What the checks judged, for the audit line; undefined if no check did. */
  readonly judged?: Judged;
}

/** The parts of a verdict that do not come from findings. */
export type Beside = Pick<Verdict, 'wall' | 'permissions' | 'judged'> & { readonly choice?: ModeChoice };

/** Returns a verdict without findings. */
export function pass(subject: Verdict['subject'], beside: Beside = {}): Verdict {
  return { outcome: 'allowed', findings: [], subject, warnings: [], ...beside };
}

/** Judges one object by every check. `beside.extra` are findings that are known already. */
export function judge(
  subject: Subject,
  before: Subject | undefined,
  choice: ModeChoice,
  config: Config,
  beside: Omit<Beside, 'choice'> & { readonly extra?: readonly Finding[] } = {},
): Verdict {
  const { extra = [], ...told } = beside;
  const { findings } = evaluate(checks, subject, before, choice, config);
  return conclude(subject, extra.length === 0 ? findings : [...findings, ...extra], config, {
    choice,
    judged: { subject, before },
    ...told,
  });
}

/** Judges in steps, for an object that takes long to judge. */
export function* judgeInSteps(
  subject: Subject,
  before: Subject | undefined,
  choice: ModeChoice,
  config: Config,
): Steps<Verdict> {
  const { findings } = yield* evaluateInSteps(checks, subject, before, choice, config);
  yield;
  return conclude(subject, findings, config, { choice, judged: { subject, before } });
}

/** Returns the verdict for findings, with its texts. `more` are warnings that are not findings. */
export function conclude(
  subject: Subject,
  findings: readonly Finding[],
  config: Config,
  beside: Beside = {},
  more: readonly string[] = [],
): Verdict {
  if (findings.length === 0) return { ...pass(subject, beside), warnings: more };
  const outcome = outcomeOf(findings);
  // A refusal also contains the warnings about this request, but not about earlier violations.
  const told = outcome === 'denied' ? findings.filter(({ because }) => because !== 'ratchet') : findings;
  return {
    outcome,
    findings,
    subject,
    warnings: [...explainWarnings(subject, told), ...more],
    ...(outcome === 'denied' ? { message: explainDenial(subject, findings, config) } : {}),
    ...beside,
  };
}
