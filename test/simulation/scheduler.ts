import { createAgenda, type Task } from './agenda.ts';

/**
 * The owner of a step: a replica, the API server or people. Planned steps of a dead owner do not
 * happen.
 */
export interface Owner {
  readonly name: string;
  isAlive: boolean;
  /**
   * Until then no step of it happens, as in a stopped process, whose timers and answers come late.
   */
  frozenUntil: number;
}

/** Time and order: one step after another, each run to the end of its microtasks. */
export interface Scheduler {
  /** Milliseconds. */
  now(): number;
  /** The number of steps so far. */
  steps(): number;
  /**
   * The owner of the running step. Code that runs in a step of a replica, with its microtasks,
   * belongs to that replica.
   */
  owner(): Owner;
  after(delayMs: number, owner: Owner, run: () => void): Task;
  /**
   * Plans a step at an exact moment. The sum of two delays may differ in the last bit and overtake
   * another step.
   */
  at(moment: number, owner: Owner, run: () => void): Task;
  /** Runs steps up to a moment, or until `isDone`, which is called after each step. */
  runUntil(at: number, isDone?: () => boolean): Promise<void>;
}

export interface SchedulerOptions {
  /** The owner of everything that happens between two runs. */
  readonly world: Owner;
  /** A simulation with more steps than this is an endless loop. */
  readonly limit: number;
  /** Called with the error of a step. */
  onError(error: unknown): void;
}

export function createOwner(name: string): Owner {
  return { name, isAlive: true, frozenUntil: 0 };
}

// Node empties the queue of microtasks between two immediates, which makes a step. It is stored
// before the globals are replaced.
const { setImmediate } = globalThis;
/** This many steps share one turn of the event loop, because a turn costs more than a step. */
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

  /** Runs one step. Returns whether there was one by then. */
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
