// The number of calls that Ringfence may make to an API server that fails each of them. No loop may
// be hot.
import type { Attempt } from './valve.ts';

/**
 * Returns the most calls of all loops in some seconds without reviews, during a fault that fails
 * every call. In each second:
 *
 * | loop | calls | sum |
 * |---|---|---|
 * | 2 informers | a list and a watch each, with pauses of at least 0.8 s: 2 x 2 x 1.25 | 5 |
 * | keeper | two configurations and the Secret, every 2 s | 1.5 |
 * | Secret, ConfigMap and its version | every 5 s, and every 0.5 s (--config-seconds here) | 2.5 |
 * | Events | 5 a second (the pace of src/events/recorder.ts), with at most six calls each | 30 |
 *
 * Each namespace whose reconciliation fails adds at most five calls (namespace, two policies, two
 * applies) in 0.4 s, its shortest wait. A call that is lost with its connection is sent once more,
 * which doubles all of this. Each new namespace adds one round, as a list may bring all at once.
 */
export function idleBudget(seconds: number, failingNamespaces: number, newNamespaces: number): number {
  const perSecond = 5 + 1.5 + 2.5 + 30 + (5 / 0.4) * failingNamespaces;
  return 2 * perSecond * seconds + 5 * newNamespaces;
}

/**
 * The most calls for one write. A Pod costs: the wall, then namespace and wall again, the wall
 * made, the DNS rule read and made, and each once more if another replica was faster. A namespace
 * costs a SubjectAccessReview for each of six permissions. Doubled, as above.
 */
const callsPerWrite = 2 * 12;

/**
 * Returns the allowed calls between `from` and `to` (milliseconds since 1970), with these writes.
 */
export function busyBudget(from: number, to: number, writes: readonly Attempt[], failingNamespaces: number): number {
  const asked = writes.filter(({ sentAt, answeredAt }) => sentAt < to && answeredAt > from).length;
  return idleBudget((to - from) / 1000, failingNamespaces, 0) + asked * callsPerWrite;
}
