// How many calls Ringfence may make of an API server that fails each of them: no loop may be hot.
import type { Attempt } from './valve.ts';

/**
 * Calls that the loops make at most in some seconds while nobody asks anything of the webhook, a
 * while into a fault that fails every call. In each second: informers  2 of them, each with a list
 * and a watch a round, whose pauses have grown to 0.8 s and more          2 x 2 x 1.25 = 5 keeper
 * two configurations and the Secret, in rounds that have come to be 2 s apart
 * 1.5 Secret, ConfigMap, version of it                              every 5 s, every 0.5 s
 * (--config-seconds in the drills)      2.5 events     5 occurrences a second (the pace of
 * src/events/recorder.ts), each of six calls at most                          30 and for each
 * namespace whose reconciliation fails one round of at most five calls (namespace, two policies,
 * two applies) in 0.4 s, the least that its wait has grown to. A call that is lost with its
 * connection is sent once more: twice all that. And once one round for each namespace that was not
 * heard of before: a list may bring them all at once.
 */
export function idleBudget(seconds: number, failingNamespaces: number, newNamespaces: number): number {
  const perSecond = 5 + 1.5 + 2.5 + 30 + (5 / 0.4) * failingNamespaces;
  return 2 * perSecond * seconds + 5 * newNamespaces;
}

/**
 * Calls that a write costs at most. A Pod: the wall, then namespace and wall again, the wall made,
 * the DNS rule read and made, and each once more where another was quicker. A namespace: a
 * SubjectAccessReview for each of six permissions. Twice, as above.
 */
const callsPerWrite = 2 * 12;

/** Calls that are allowed from `from` on to `to` (milliseconds since 1970), with these writes. */
export function busyBudget(from: number, to: number, writes: readonly Attempt[], failingNamespaces: number): number {
  const asked = writes.filter(({ sentAt, answeredAt }) => sentAt < to && answeredAt > from).length;
  return idleBudget((to - from) / 1000, failingNamespaces, 0) + asked * callsPerWrite;
}
