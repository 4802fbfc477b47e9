import type { Claim } from './claim.ts';
import type { Occurrence } from './occurrence.ts';

/**
 * events.k8s.io/v1 Event.note holds at most 1,024 bytes; core/v1 takes more, but the same object is
 * read under both names.
 */
const messageBytes = 1024;

/**
 * Of the line that tells two occurrences apart: the title of an object with the longest names, and
 * a sentence.
 */
const lineLimit = 700;

/**
 * What is kept of a message until {@link eventMessage} makes an Event's of it, which costs more
 * than most messages that are repeated are worth.
 */
export function brief(message: string): string {
  return message.length <= 4 * messageBytes ? message : eventMessage(message);
}

/**
 * A message as an Event carries it: on one line, because `kubectl get events` shows no more than
 * the first, and `kubectl events` and `kubectl describe` lose their columns on others.
 */
export function eventMessage(message: string): string {
  const lines = message.slice(0, 4 * messageBytes).split('\n');
  const clean = lines.map((line) => line.replace(/[\p{Cc}\s]+/gu, ' ').trim()).filter((line) => line !== '');
  return shorten(clean.join(' | ').toWellFormed());
}

/**
 * What makes two occurrences about one object the same: the message's first line, without the name
 * where a machine made it (a ReplicaSet's Pods have a new one at each attempt).
 */
export function headlineOf({ kind, namespace, name, message }: Occurrence, claim: Claim): string {
  const end = message.indexOf('\n');
  const line = (end === -1 ? message : message.slice(0, end)).slice(0, lineLimit);
  return claim.isMade ? line.replace(`${kind} ${namespace}/${name}`, kind) : line;
}

function shorten(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= messageBytes) return text;
  // A character cut in two by the limit is left out whole. The ellipsis takes three bytes.
  return `${new TextDecoder().decode(bytes.subarray(0, messageBytes - 3), { stream: true })}…`;
}
