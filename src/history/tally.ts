import type { Finding } from '../policy/check.ts';
import { leafOf, ruleOf } from './kept.ts';
import type { AuditLine } from './line.ts';

/** One cause, and the lines that have it. */
export interface CauseCount {
  /** The check's id; undefined for what is not decided. */
  readonly check: string | undefined;
  /** The place: a label key, or a field. */
  readonly subject: string;
  readonly found: string | undefined;
  /**
   * The reason, or its first clause, if it is the same on all lines; otherwise the rule of the
   * check.
   */
  readonly reason: string;
  readonly remedy: string;
  /** How many lines have the cause. A line may have several causes. */
  readonly lines: number;
  readonly first: string;
  readonly last: string;
  /** Who made the requests, most frequent first. */
  readonly users: readonly Named[];
  readonly namespaces: readonly Named[];
  readonly kinds: readonly Named[];
  /** Up to three of the requests. */
  readonly examples: readonly Example[];
}

export interface Named {
  readonly name: string;
  readonly lines: number;
}

export interface Example {
  readonly time: string;
  readonly uid: string;
  readonly operation: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
}

/** Causes with their counts. Memory is bounded: what is beyond the limits is counted together. */
export interface Tally {
  add(line: AuditLine, why: readonly Why[]): void;
  /** How many lines were added. */
  readonly lines: number;
  /** The causes, most frequent first; further ones, and how many lines they had. */
  causes(): { readonly causes: readonly CauseCount[]; readonly more: number };
}

export type Why = Pick<Finding, 'check' | 'field' | 'found' | 'reason' | 'cause' | 'undecided'>;

/** Names that users choose can be many; a list of causes that long is of no use to anyone. */
const causeLimit = 1_000;
const nameLimit = 100;
const exampleLimit = 3;

export function createTally(): Tally {
  const entries = new Map<string, Entry>();
  let [lines, more] = [0, 0];
  return {
    add(line, why) {
      lines += 1;
      const keys = new Set<string>();
      for (const one of why) {
        const key = keyOf(one);
        if (keys.has(key)) continue;
        keys.add(key);
        const entry = entries.get(key);
        if (entry !== undefined) entry.add(line, one);
        else if (entries.size < causeLimit) entries.set(key, new Entry(line, one));
        else more += 1;
      }
    },
    get lines() {
      return lines;
    },
    causes: () => ({ causes: [...entries.values()].map((entry) => entry.take()).sort(byLines), more }),
  };
}

/** What several findings follow from is one cause. A doubt is one for all that it is about. */
function keyOf({ check, field, found, reason, cause, undecided }: Why): string {
  if (undecided) return JSON.stringify([reason]);
  if (cause !== undefined) return JSON.stringify([cause.subject, cause.reason]);
  return JSON.stringify([check, leafOf(field), found]);
}

function byLines(a: CauseCount, b: CauseCount): number {
  return b.lines - a.lines || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0);
}

class Entry {
  readonly #why: Why;
  #lines = 0;
  #otherReasons = 0;
  #otherClauses = 0;
  #first: string;
  #last: string;
  readonly #users = new Map<string, number>();
  readonly #namespaces = new Map<string, number>();
  readonly #kinds = new Map<string, number>();
  readonly #examples: Example[] = [];

  constructor(line: AuditLine, why: Why) {
    this.#why = why;
    this.#first = line.time;
    this.#last = line.time;
    this.add(line, why);
  }

  add(line: AuditLine, { reason, cause }: Why): void {
    const { time, uid, operation, kind, namespace, name, user } = line;
    this.#lines += 1;
    if (cause === undefined && reason !== this.#why.reason) {
      this.#otherReasons += 1;
      if (clauseOf(reason) !== clauseOf(this.#why.reason)) this.#otherClauses += 1;
    }
    if (time < this.#first) this.#first = time;
    if (time > this.#last) this.#last = time;
    countNamed(this.#users, user);
    countNamed(this.#namespaces, namespace);
    countNamed(this.#kinds, kind);
    if (this.#examples.length < exampleLimit)
      this.#examples.push({ time, uid, operation, kind, namespace, name, user });
  }

  #commonReason(): string {
    const { check, reason } = this.#why;
    if (this.#otherReasons === 0) return reason;
    return this.#otherClauses === 0 ? clauseOf(reason) : (ruleOf(check)?.rule ?? reason);
  }

  take(): CauseCount {
    const { check, field, found, cause, undecided } = this.#why;
    return {
      check: undecided ? undefined : check,
      subject: cause?.subject ?? leafOf(field),
      found,
      reason: cause?.reason ?? this.#commonReason(),
      remedy: undecided ? '' : (ruleOf(check)?.remedy ?? ''),
      lines: this.#lines,
      first: this.#first,
      last: this.#last,
      users: inOrder(this.#users),
      namespaces: inOrder(this.#namespaces),
      kinds: inOrder(this.#kinds),
      examples: this.#examples,
    };
  }
}

/** What is wrong, without what it should be, which differs from namespace to namespace. */
function clauseOf(reason: string): string {
  return reason.split('; ', 1)[0] ?? reason;
}

/** The name under which names beyond the limit are counted. No user and no object has it. */
const others = '(others)';

function countNamed(counts: Map<string, number>, name: string): void {
  const key = counts.has(name) || counts.size < nameLimit ? name : others;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function inOrder(counts: ReadonlyMap<string, number>): readonly Named[] {
  return [...counts].map(([name, lines]) => ({ name, lines })).sort((a, b) => b.lines - a.lines);
}
