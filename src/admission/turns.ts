/** Work in steps, none of which takes long. The result comes after the last step. */
export type Steps<T> = Generator<void, T>;

/**
 * Turns for work that would hold up the reviews of others: one after another, and a few
 * milliseconds at a time, between which the process answers everyone else.
 */
export interface Turns {
  /**
   * Takes the steps of a review of one tenant (a namespace). Resolves to undefined if they are not
   * all taken in time. The tenants take turns, so one with much to judge waits for itself.
   */
  take<T>(tenant: string, steps: Steps<T>): Promise<T | undefined>;
}

export interface TurnLimits {
  /** Milliseconds after which the process answers everyone else. One step may take longer. */
  readonly sliceMs: number;
  /** Milliseconds until a review is answered without its result. */
  readonly patienceMs: number;
  /** How many reviews of one tenant wait. More are answered without a result at once. */
  readonly waiting: number;
  /** How many reviews wait, of all tenants. The tenant with most of them makes room for others. */
  readonly waitingInAll: number;
}

export const defaultTurnLimits: TurnLimits = {
  // A Pod's review takes about as many turns of the event loop as it has calls to make: three.
  sliceMs: 5,
  // The API server gives up after the webhook's timeout of 5 s. The answer must arrive before.
  patienceMs: 3_000,
  // A waiting review holds its body: up to 2 MiB of heap at 128 KiB. The limits leave half of the
  // memory for bodies to others.
  waiting: 8,
  waitingInAll: 16,
};

export function createTurns(limits: TurnLimits = defaultTurnLimits): Turns {
  const queues = new Map<string, Job[]>();
  let waiting = 0;
  let isRunning = false;
  let job: Job | undefined;

  /** The first job of the tenant that has waited longest, which then waits longest again. */
  function next(): Job | undefined {
    for (const [tenant, queue] of queues) {
      queues.delete(tenant);
      const [first, ...others] = queue;
      if (others.length > 0) queues.set(tenant, others);
      waiting -= 1;
      return first;
    }
    return undefined;
  }

  /** Whether there is room for one more in a queue, where the longest gives up its last place. */
  function makeRoom(queue: readonly Job[]): boolean {
    if (queue.length >= limits.waiting) return false;
    if (waiting < limits.waitingInAll) return true;
    let longest: Job[] = [];
    for (const other of queues.values()) if (other.length > longest.length) longest = other;
    if (longest.length <= queue.length + 1) return false;
    longest.pop()?.giveUp();
    waiting -= 1;
    return true;
  }

  function run(): void {
    job ??= next();
    if (job === undefined) {
      isRunning = false;
      return;
    }
    const end = performance.now() + limits.sliceMs;
    let now = 0;
    do {
      if (job.takeStep()) {
        job = undefined;
        break;
      }
      now = performance.now();
    } while (now < end);
    setImmediate(run);
  }

  return {
    take(tenant, steps) {
      const queue = queues.get(tenant) ?? [];
      if (!makeRoom(queue)) return Promise.resolve(undefined);
      const { promise, resolve, reject } = Promise.withResolvers<StepResult<typeof steps> | undefined>();
      const deadline = performance.now() + limits.patienceMs;
      queue.push({
        giveUp: () => resolve(undefined),
        takeStep() {
          try {
            if (performance.now() > deadline) {
              resolve(undefined);
              return true;
            }
            const { done, value } = steps.next();
            if (done) resolve(value as StepResult<typeof steps>);
            return done === true;
          } catch (error) {
            reject(error);
            return true;
          }
        },
      });
      queues.set(tenant, queue);
      waiting += 1;
      if (!isRunning) {
        isRunning = true;
        setImmediate(run);
      }
      return promise;
    },
  };
}

interface Job {
  /** Ends it without a result. */
  giveUp(): void;
  /** Whether it was the last. */
  takeStep(): boolean;
}

type StepResult<S> = S extends Steps<infer T> ? T : never;
