import type { PodClass } from '../network/classes.ts';
import type { Pod } from '../network/world.ts';
import type { Desk } from './desk.ts';

/**
 * Workloads (or pods) that are in the same classes in both worlds, so that all their changes are
 * the same.
 */
export interface SubjectGroup {
  readonly namespace: string;
  /** Every name, each with a note if one world does not have it. */
  readonly names: readonly string[];
  /** Their classes. Empty for a world that does not have them. */
  readonly before: readonly PodClass[];
  readonly after: readonly PodClass[];
  /** The pods of each workload (or pod) in both worlds. */
  readonly members: readonly Member[];
  /** How many pods they have in the world in which they have more. */
  readonly pods: number;
}

/** A workload (or pod) in two worlds. */
export interface Member {
  readonly before: readonly Pod[];
  readonly after: readonly Pod[];
}

/**
 * Matches the pods of two worlds: by name if both worlds have that pod, or else by workload,
 * because a workload's pods get new names at each rollout.
 */
export function pairSubjects(before: Desk, after: Desk): readonly SubjectGroup[] {
  const [old, now] = [subjectsOf(before, after), subjectsOf(after, before)];
  const groups = Map.groupBy(new Set([...old.keys(), ...now.keys()]), (subject) =>
    [old, now].map((side) => side.get(subject)?.classes.map(({ index }) => index) ?? 'none').join(' '),
  );
  return [...groups.values()].map((subjects): SubjectGroup => {
    const [first = ''] = subjects;
    const podsIn = (side: typeof old, subject: string) => side.get(subject)?.pods ?? [];
    const members = subjects.map((subject) => ({ before: podsIn(old, subject), after: podsIn(now, subject) }));
    const inOld = members.flatMap((member) => member.before);
    const inNow = members.flatMap((member) => member.after);
    return {
      namespace: (inNow[0] ?? inOld[0])?.namespace ?? '',
      names: namesOf(members, before, after),
      before: old.get(first)?.classes ?? [],
      after: now.get(first)?.classes ?? [],
      members,
      pods: Math.max(inOld.length, inNow.length),
    };
  });
}

/** Every name of these, each with a note if one world does not have it. */
export function namesOf(members: readonly Member[], before: Desk, after: Desk): readonly string[] {
  const inOld = members.flatMap((member) => member.before);
  const inNow = members.flatMap((member) => member.after);
  const note = inOld.length === 0 ? ' (new)' : inNow.length === 0 ? ' (gone)' : '';
  const names = inNow.length === 0 ? before.namesOf(inOld) : after.namesOf(inNow);
  return note === '' ? names : names.map((name) => name + note);
}

interface Subject {
  /** Sorted by index, without duplicates. */
  readonly classes: readonly PodClass[];
  readonly pods: readonly Pod[];
}

function subjectsOf(desk: Desk, other: Desk): ReadonlyMap<string, Subject> {
  const members = Map.groupBy(desk.inventory.world.pods, (pod) => subjectOf(pod, desk, other));
  const subjects = new Map<string, Subject>();
  for (const [subject, pods] of members) {
    const classes = new Set(pods.flatMap((pod) => desk.evaluator.classes.of(pod) ?? []));
    subjects.set(subject, { classes: [...classes].sort((a, b) => a.index - b.index), pods });
  }
  return subjects;
}

function subjectOf(pod: Pod, desk: Desk, other: Desk): string {
  const name = `${pod.namespace}/${pod.name}`;
  const owner = desk.inventory.ownerOf(pod);
  if (owner === undefined || other.inventory.podsByName.has(name)) return name;
  return `${pod.namespace}/${owner.kind}/${owner.name}`;
}
