import type { Config } from '../config/config.ts';
import type { Finding } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { evaluate, evaluateInSteps, outcomeOf } from '../policy/evaluate.ts';
import { explainDenial, explainWarnings } from '../policy/explain.ts';
import type { ModeChoice } from '../policy/mode.ts';
import type { Subject, Titled } from '../policy/subject.ts';
import type { Steps } from './turns.ts';

/**
 * What was decided about a request, before it is put into an AdmissionResponse and an audit line.
 */
export interface Verdict {
  readonly outcome: 'allowed' | 'warned' | 'denied';
  readonly findings: readonly Finding[];
  /** Whom messages name; undefined only where the object itself could not be read. */
  readonly subject: Titled;
  /**
   * The mode under which it was judged, and what decided that; undefined where no mode was asked
   * for (an exempt namespace).
   */
  readonly choice?: ModeChoice;
  /** The refusal's text, where `outcome` is denied. */
  readonly message?: string;
  readonly warnings: readonly string[];
  /** A defect of ours decided, and not a rule. */
  readonly errored?: true;
  /** What the gate did for a Pod: `there`, `made`, … */
  readonly wall?: string;
  /** Permissions that were asked for and used: `claim identities/team:shop`. */
  readonly permissions?: readonly string[];
}

/** What comes with a verdict beside its findings. */
export type Beside = Pick<Verdict, 'wall' | 'permissions'> & { readonly choice?: ModeChoice };

/** Nothing to say. */
export function pass(subject: Verdict['subject'], beside: Beside = {}): Verdict {
  return { outcome: 'allowed', findings: [], subject, warnings: [], ...beside };
}

/** Judges one object by every check, beside what is known of it already. */
export function judge(
  subject: Subject,
  before: Subject | undefined,
  choice: ModeChoice,
  config: Config,
  beside: Omit<Beside, 'choice'> & { readonly extra?: readonly Finding[] } = {},
): Verdict {
  const { extra = [], ...told } = beside;
  const { findings } = evaluate(checks, subject, before, choice, config);
  return conclude(subject, extra.length === 0 ? findings : [...findings, ...extra], config, { choice, ...told });
}

/** The same in steps, for an object that takes long to judge. */
export function* judgeInSteps(
  subject: Subject,
  before: Subject | undefined,
  choice: ModeChoice,
  config: Config,
): Steps<Verdict> {
  const { findings } = yield* evaluateInSteps(checks, subject, before, choice, config);
  yield;
  return conclude(subject, findings, config, { choice });
}

/** The verdict that findings amount to, in words. `more` are warnings that are no findings. */
export function conclude(
  subject: Subject,
  findings: readonly Finding[],
  config: Config,
  beside: Beside = {},
  more: readonly string[] = [],
): Verdict {
  if (findings.length === 0) return { ...pass(subject, beside), warnings: more };
  const outcome = outcomeOf(findings);
  // A refusal says what this request brought: what warns beside it, and not what stood before.
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
