import type { PodClass } from '../network/classes.ts';
import type { Pod } from '../network/world.ts';
import type { Desk } from './desk.ts';

/** Workloads (or pods) that are in the same classes in both worlds, so that they share every change. */
export interface SubjectGroup {
  readonly name: string;
  /** Their classes; none where the world does not have them. */
  readonly before: readonly PodClass[];
  readonly after: readonly PodClass[];
  /** How many pods they have in the world where they have more. */
  readonly pods: number;
}

/** Finds who is who in two worlds: a pod by its name where both have it, else its workload (whose pods have new names at each rollout). */
export function pairSubjects(before: Desk, after: Desk): readonly SubjectGroup[] {
  const [old, now] = [subjectsOf(before, after), subjectsOf(after, before)];
  const groups = Map.groupBy(new Set([...old.keys(), ...now.keys()]), (subject) =>
    [old, now].map((side) => side.get(subject)?.classes.map(({ index }) => index) ?? 'none').join(' '),
  );
  return [...groups.values()].map((subjects): SubjectGroup => {
    const [first = ''] = subjects;
    const sides = [old, now].map((side) => subjects.reduce((sum, one) => sum + (side.get(one)?.pods ?? 0), 0));
    const [inOld, inNow] = [old.get(first)?.classes ?? [], now.get(first)?.classes ?? []];
    const note = inOld.length === 0 ? ' (new)' : inNow.length === 0 ? ' (gone)' : '';
    const rest = subjects.length - namesShown;
    const name = subjects.slice(0, namesShown).join(', ') + (rest > 0 ? ` and ${rest} more` : '') + note;
    return { name, before: inOld, after: inNow, pods: Math.max(...sides) };
  });
}

interface Subject {
  /** Sorted by index, without repeats. */
  readonly classes: readonly PodClass[];
  readonly pods: number;
}

const namesShown = 3;

function subjectsOf(desk: Desk, other: Desk): ReadonlyMap<string, Subject> {
  const members = Map.groupBy(desk.inventory.world.pods, (pod) => subjectOf(pod, desk, other));
  const subjects = new Map<string, Subject>();
  for (const [subject, pods] of members) {
    const classes = new Set(pods.flatMap((pod) => desk.evaluator.classes.of(pod) ?? []));
    subjects.set(subject, { classes: [...classes].sort((a, b) => a.index - b.index), pods: pods.length });
  }
  return subjects;
}

function subjectOf(pod: Pod, desk: Desk, other: Desk): string {
  const name = `${pod.namespace}/${pod.name}`;
  const owner = desk.inventory.ownerOf(pod);
  if (owner === undefined || other.inventory.podsByName.has(name)) return name;
  return `${pod.namespace}/${owner.kind}/${owner.name}`;
}
