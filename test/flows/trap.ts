/** What a trap of a kind of log is: some lines, and the flows that they make. */
export interface Trap {
  readonly trap: string;
  readonly lines: readonly string[];
  readonly flows: readonly string[];
  /** Why lines make no flow, if the trap is about that. */
  readonly leftOut?: Readonly<Record<string, number>>;
}
