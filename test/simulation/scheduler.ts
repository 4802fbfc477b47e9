import { createAgenda, type Task } from './agenda.ts';

/**
 * On whose behalf something happens: a replica, the API server, the people. What a dead one had
 * planned does not happen any more.
 */
export interface Owner {
  readonly name: string;
  isAlive: boolean;
  /**
   * Until then nothing that belongs to it happens: a stopped process, whose timers and answers come
   * late.
   */
  frozenUntil: number;
}

/** Time, and the order of things: one step after another, each run to the end of its microtasks. */
export interface Scheduler {
  /** Milliseconds. */
  now(): number;
  /** Steps taken. */
  steps(): number;
  /**
   * The owner of the step that is running: code that a step of a replica runs, its microtasks too,
   * is that replica's.
   */
  owner(): Owner;
  after(delayMs: number, owner: Owner, run: () => void): Task;
  /**
   * At a moment, to the bit: what two delays add up to may differ in the last one, and overtake.
   */
  at(moment: number, owner: Owner, run: () => void): Task;
  /** Takes steps up to a moment, or until `isDone`, asked after each step. */
  runUntil(at: number, isDone?: () => boolean): Promise<void>;
}

export interface SchedulerOptions {
  /** The owner of what happens between two runs. */
  readonly world: Owner;
  /** More steps than this are a loop without end. */
  readonly limit: number;
  /** Told of what a step throws. */
  onError(error: unknown): void;
}

export function createOwner(name: string): Owner {
  return { name, isAlive: true, frozenUntil: 0 };
}

// Node empties the queue of microtasks between two immediates: that is a step. Taken before the
// globals are replaced.
const { setImmediate } = globalThis;
/** So many steps share one turn of the event loop, which costs more than a step. */
const batch = 128;

export function createScheduler({ world, limit, onError }: SchedulerOptions): Scheduler {
  const agenda = createAgenda();
  let now = 0;
  let order = 0;
  let steps = 0;
  let owner = world;

  function plan(at: number, taskOwner: Owner, run: () => void): Task {
    const task: Task = { at, order, owner: taskOwner, run, isCancelled: false };
    order += 1;
    agenda.add(task);
    return task;
  }

  /** Whether there was something to do by then. */
  function step(until: number): boolean {
    for (;;) {
      const first = agenda.first();
      if (first === undefined || first.at > until) return false;
      agenda.takeFirst();
      if (first.isCancelled || !first.owner.isAlive) continue;
      if (first.owner.frozenUntil > first.at) {
        first.at = first.owner.frozenUntil;
        agenda.add(first);
        continue;
      }
      now = first.at;
      owner = first.owner;
      steps += 1;
      if (steps > limit) throw new Error(`more than ${limit} steps`);
      first.run();
      return true;
    }
  }

  return {
    now: () => now,
    steps: () => steps,
    owner: () => owner,
    after: (delayMs, taskOwner, run) => plan(now + Math.max(0, delayMs), taskOwner, run),
    at: (moment, taskOwner, run) => plan(Math.max(now, moment), taskOwner, run),
    runUntil(until, isDone = () => false) {
      return new Promise((resolve) => {
        let left = 0;
        let isOver = false;
        const tick = (): void => {
          left -= 1;
          if (!isOver) advance();
          if (left > 0) return;
          if (isOver) resolve();
          else turn();
        };
        const advance = (): void => {
          try {
            isOver = isDone() || !step(until);
          } catch (error) {
            isOver = true;
            onError(error);
          }
          if (isOver) {
            if (!isDone()) now = Math.max(now, until);
            owner = world;
          }
        };
        const turn = (): void => {
          left = batch;
          for (let index = 0; index < batch; index += 1) setImmediate(tick);
        };
        turn();
      });
    },
  };
}
