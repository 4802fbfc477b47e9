// Refusals in doubt. On a busy machine a live read of the gate may take longer than the two seconds
// that it has, and in enforce that is a refusal. Clients and controllers then try again.
import { insist } from './burst.ts';
import type { LogLine } from './installation.ts';

/** Whether a refusal says that the gate could not establish the facts. */
export function isDoubt(refusal: string): boolean {
  return refusal.includes('could not be looked at');
}

/** Whether an audit line has such a finding. */
export function isInDoubt(line: LogLine): boolean {
  const findings = line['findings'] as readonly { readonly undecided?: true; readonly reason: string }[];
  return findings.some(({ undecided, reason }) => undecided === true && isDoubt(reason));
}

/** Repeats a call that is refused in doubt, and adds each such refusal to `doubts`. */
export function untilDecided<T>(call: () => Promise<T>, doubts: string[]): Promise<T> {
  return insist(
    call,
    (reason) => void doubts.push(reason),
    ({ statusMessage }) => isDoubt(statusMessage),
  );
}
