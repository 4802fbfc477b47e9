import type { Owner } from './scheduler.ts';

/** A task at a moment, on behalf of an owner. */
export interface Task {
  at: number;
  /** Of two tasks at one moment, the one that was planned first runs first. */
  readonly order: number;
  readonly owner: Owner;
  readonly run: () => void;
  isCancelled: boolean;
}

/** The tasks in the order of their moments: a binary heap. */
export interface Agenda {
  add(task: Task): void;
  first(): Task | undefined;
  takeFirst(): Task | undefined;
}

export function createAgenda(): Agenda {
  const heap: Task[] = [];

  function isBefore(left: number, right: number): boolean {
    const a = heap[left];
    const b = heap[right];
    if (a === undefined || b === undefined) return a !== undefined;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  function swap(left: number, right: number): void {
    const a = heap[left] as Task;
    heap[left] = heap[right] as Task;
    heap[right] = a;
  }

  return {
    add(task) {
      let place = heap.push(task) - 1;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (!isBefore(place, parent)) return;
        swap(place, parent);
        place = parent;
      }
    },
    first: () => heap[0],
    takeFirst() {
      const first = heap[0];
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return first;
      heap[0] = last;
      let place = 0;
      for (;;) {
        const left = 2 * place + 1;
        const child = left + 1 < heap.length && isBefore(left + 1, left) ? left + 1 : left;
        if (child >= heap.length || !isBefore(child, place)) return first;
        swap(place, child);
        place = child;
      }
    },
  };
}
