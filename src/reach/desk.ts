import type { PodClass } from '../network/classes.ts';
import { createEvaluator, type Evaluator } from '../network/evaluator.ts';
import type { Inventory } from '../network/inventory.ts';
import { createMatrix, type Matrix } from '../network/matrix.ts';
import type { Pod } from '../network/world.ts';
import { type Note, notesOf } from './note.ts';

/** Answers questions about one world: one reading of files or of a cluster. */
export interface Desk {
  readonly inventory: Inventory;
  readonly evaluator: Evaluator;
  /** What every answer must say beside its verdicts. */
  readonly notes: readonly Note[];
  /** Created on first use, because a single question does not need it. */
  matrix(): Matrix;
  /** The pods of a workload, by `namespace/kind/name`, or of a namespace, by its name. */
  podsOf(group: string): readonly Pod[];
  /**
   * The usual name of these pods: their workloads, or their own names. If they are only some of a
   * workload's pods, it says how many.
   */
  nameOf(pods: readonly Pod[]): string;
  /** The usual name of a class. */
  nameOfClass(one: PodClass): string;
}

/** `notes` are those of the reading, for example a list that may not be made. */
export function createDesk(inventory: Inventory, notes: readonly Note[] = []): Desk {
  const evaluator = createEvaluator(inventory.world);
  const groups = new Map<string, Pod[]>();
  for (const pod of inventory.world.pods) {
    for (const group of [pod.namespace, workloadName(pod)]) {
      const members = groups.get(group);
      if (members === undefined) groups.set(group, [pod]);
      else members.push(pod);
    }
  }
  let matrix: Matrix | undefined;
  const names = new Map<PodClass, string>();

  function workloadName(pod: Pod): string {
    const owner = inventory.ownerOf(pod);
    return owner === undefined ? `${pod.namespace}/${pod.name}` : `${pod.namespace}/${owner.kind}/${owner.name}`;
  }

  function nameOf(pods: readonly Pod[]): string {
    const counts = new Map<string, number>();
    for (const pod of pods) counts.set(workloadName(pod), (counts.get(workloadName(pod)) ?? 0) + 1);
    const texts = [...counts].slice(0, namesShown).map(([name, count]) => {
      const size = groups.get(name)?.length ?? count;
      return count < size ? `${name} (${count} of ${size} pods)` : name;
    });
    return texts.join(', ') + (counts.size > namesShown ? ` and ${counts.size - namesShown} more` : '');
  }

  return {
    inventory,
    evaluator,
    notes: [...notes, ...notesOf(inventory)],
    matrix() {
      matrix ??= createMatrix(evaluator.classes);
      return matrix;
    },
    podsOf: (group) => groups.get(group) ?? [],
    nameOf,
    nameOfClass(one) {
      const name = names.get(one) ?? nameOf(one.pods);
      names.set(one, name);
      return name;
    },
  };
}

/** A reader takes in no more names than this on one line. */
const namesShown = 3;
