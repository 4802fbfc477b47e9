/**
 * A timer that does not count the time in which this process stood still, once. A container without
 * processor time cannot read an answer that came in time; when it goes on, it reads its timers
 * before its sockets.
 */
export class TimeLimit {
  readonly #ms: number;
  readonly #tell: () => void;
  #timer: NodeJS.Timeout;
  #due: number;
  #extensions = 0;

  /** Calls `tell` after `ms` milliseconds. It does not keep the process alive. */
  constructor(ms: number, tell: () => void) {
    this.#ms = ms;
    this.#tell = tell;
    this.#due = performance.now() + ms;
    this.#timer = this.#start(ms);
  }

  /** Starts the full time again. */
  refresh(): void {
    this.#due = performance.now() + this.#ms;
    if (this.#extensions === 0) {
      this.#timer.refresh();
      return;
    }
    this.#extensions = 0;
    clearTimeout(this.#timer);
    this.#timer = this.#start(this.#ms);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  #start(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const lateMs = performance.now() - this.#due;
      if (lateMs < stillMs || this.#extensions > 0) return this.#tell();
      this.#extensions = 1;
      this.#timer = this.#start(Math.min(lateMs, this.#ms));
    }, ms).unref();
  }
}

/** A timer that is later than this is late because the process stood still. */
const stillMs = 50;
