/** What a part of the benchmark is told. */
export interface BenchOptions {
  /** Tells the person at the terminal where it is. */
  readonly say: (text: string) => void;
  /** Length of the soak. */
  readonly minutes: number;
  /** A small fraction of the work: to see that a part runs. Its figures mean nothing. */
  readonly isQuick: boolean;
}
