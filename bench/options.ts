/**
 * The options of a part of the benchmark.
 */
export interface BenchOptions {
  /** Reports the progress to the person at the terminal. */
  readonly say: (text: string) => void;
  /** The length of the soak. */
  readonly minutes: number;
  /** Does only a small fraction of the work, to see that a part runs. The figures mean nothing. */
  readonly isQuick: boolean;
}
