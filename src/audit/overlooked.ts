import { typeOf } from '../kubernetes/pod-templates.ts';
import type { Audit } from './audit.ts';
import type { UnreadKind } from './collection.ts';

/** What an audit did not read or evaluate, a sentence each without its full stop. */
export function overlookedIn({ notes, judgement }: Pick<Audit, 'notes' | 'judgement'>): readonly string[] {
  const sentences = notes.filter(({ overlooked }) => overlooked).map(({ message }) => message);
  return [...new Set([...sentences, ...sayUnread(judgement)])];
}

/** A sentence about objects that may make Pods and are of no kind that is judged, or none. */
export function sayUnread({ unread }: Pick<Audit['judgement'], 'unread'>): readonly string[] {
  if (unread.size === 0) return [];
  const counted = [...unread].map(([what, count]) => `${count} ${what}`);
  return [`kinds that are not read, and may have Pods: ${counted.join(', ')}`];
}

/** Whether an object, or a reference to one, is of a kind that could not be read. */
export function isUnread(object: unknown, kinds: readonly UnreadKind[]): boolean {
  const { group, kind } = typeOf(object);
  return kinds.some((one) => one.group === group && one.kind === kind);
}
