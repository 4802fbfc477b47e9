import type { Config } from '../config/config.ts';
import type { Finding } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { ModeChoice } from '../policy/mode.ts';
import type { Subject } from '../policy/subject.ts';
import { type Beside, conclude, type Verdict } from './verdict.ts';

/** Judges one object by every check, beside what is known of it already. */
export function judge(
  subject: Subject,
  before: Subject | undefined,
  choice: ModeChoice,
  config: Config,
  beside: Beside & { readonly extra?: readonly Finding[] } = {},
): Verdict {
  const { extra = [], ...told } = beside;
  const { findings } = evaluate(checks, subject, before, choice, config);
  return conclude(subject, extra.length === 0 ? findings : [...findings, ...extra], config, { choice, ...told });
}
