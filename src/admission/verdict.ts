import type { Finding } from '../policy/check.ts';
import type { Subject } from '../policy/subject.ts';

/** What was decided about a request, before it is put into an AdmissionResponse and an audit line. */
export interface Verdict {
  readonly outcome: 'allowed' | 'warned' | 'denied';
  readonly findings: readonly Finding[];
  /** Whom messages name; undefined only where the object itself could not be read. */
  readonly subject: Pick<Subject, 'kind' | 'namespace' | 'name'>;
  /** The refusal's text, where `outcome` is denied. */
  readonly message?: string;
  readonly warnings: readonly string[];
  /** A defect of ours decided, and not a rule. */
  readonly errored?: true;
  /** What the gate did for a Pod: `there`, `made`, … */
  readonly wall?: string;
}

/** Nothing to say. */
export function pass(subject: Verdict['subject'], wall?: string): Verdict {
  return { outcome: 'allowed', findings: [], subject, warnings: [], ...(wall === undefined ? {} : { wall }) };
}
