import type { Claim } from './claim.ts';
import type { Occurrence } from './occurrence.ts';

/**
 * events.k8s.io/v1 Event.note holds at most 1,024 bytes. core/v1 allows more, but the same object
 * is read through both APIs.
 */
const messageBytes = 1024;

/**
 * The limit for the line that tells two occurrences apart: enough for the title of an object with
 * the longest names, and a sentence.
 */
const lineLimit = 700;

/**
 * The part of a message that is kept until {@link eventMessage} makes an Event's message of it.
 * That step is too costly for each of the many repeated messages.
 */
export function brief(message: string): string {
  return message.length <= 4 * messageBytes ? message : eventMessage(message);
}

/**
 * A message in the form that an Event carries: on one line. `kubectl get events` shows only the
 * first line, and further lines break the columns of `kubectl events` and `kubectl describe`.
 */
export function eventMessage(message: string): string {
  const lines = message.slice(0, 4 * messageBytes).split('\n');
  const clean = lines.map((line) => line.replace(/[\p{Cc}\s]+/gu, ' ').trim()).filter((line) => line !== '');
  return shorten(clean.join(' | ').toWellFormed());
}

/**
 * The text by which two occurrences about one object are the same: the message's first line. A
 * generated name is left out, because a ReplicaSet's Pods have a new one at each attempt.
 */
export function headlineOf({ kind, namespace, name, message }: Occurrence, claim: Claim): string {
  const end = message.indexOf('\n');
  const line = (end === -1 ? message : message.slice(0, end)).slice(0, lineLimit);
  return claim.isMade ? line.replace(`${kind} ${namespace}/${name}`, kind) : line;
}

function shorten(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= messageBytes) return text;
  // A character that the limit would split is left out whole. The ellipsis takes three bytes.
  return `${new TextDecoder().decode(bytes.subarray(0, messageBytes - 3), { stream: true })}…`;
}
