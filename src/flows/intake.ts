import type { FlowEnd, FlowProtocol, FlowVerdict } from './record.ts';

/** An end as one line names it. */
export interface SeenEnd {
  readonly end: FlowEnd;
  /**
   * Where the log itself joins Pods: what it joins them by. Their labels are then those that all
   * have.
   */
  readonly group?: string;
  /** Of a Pod: a short text, the same for equal labels. */
  readonly labelsKey?: string;
  /** Cilium's name of the end's cluster. */
  readonly cluster?: string | undefined;
  /** Whether the end is on the node that reports, so that its cluster is ours. */
  readonly isLocal?: boolean;
}

/** An end that was met on some line. */
export interface MetEnd {
  readonly id: number;
  readonly end: FlowEnd;
  readonly cluster: string | undefined;
}

/** One line of a log that makes a flow. */
export interface Sighting {
  readonly from: MetEnd;
  readonly to: MetEnd;
  readonly protocol: FlowProtocol;
  readonly port: number;
  readonly sourcePort: number | undefined;
  /** With the source's port it tells connections apart. */
  readonly sourceAddress: string | undefined;
  readonly isDirected: boolean;
  readonly verdict: FlowVerdict;
  readonly count: number;
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly pendingDeny?: boolean;
}

/** What a line says of a packet, also if it makes no flow. */
export type SeenPacket = Pick<Sighting, 'from' | 'to' | 'verdict' | 'last'>;

/** Where a reader hands over what the lines of one file say. */
export interface Intake {
  meet(seen: SeenEnd): MetEnd;
  add(sighting: Sighting): void;
  /**
   * Counts a line that makes no flow. The reason is a noun phrase in the plural. `packet` reads
   * what it says of a packet all the same; undefined for a line about none.
   */
  leaveOut(reason: string, packet?: () => SeenPacket): void;
  lose(events: number): void;
  /** Keeps a sentence about what the log cannot have seen. */
  hole(sentence: string): void;
  sawNode(name: string | undefined): void;
  sawTime(time: string | undefined): void;
  /** Says that a line has one of the fields that the format needs. */
  sawField(field: string): void;
}

/** A line that is a JSON object. */
export type Line = Readonly<Record<string, unknown>>;

/** One kind of log. */
export interface Format {
  /** As a person calls it: `Cilium Hubble`. */
  readonly name: string;
  /** The fields without which something is not decided. Each is named if a file never has it. */
  readonly needed: readonly string[];
  /** Whether a line is one of this log. */
  recognises(line: Line): boolean;
  read(line: Line, intake: Intake): void;
  /** For logs that are text: whether the line is one of this log. If so, it is read. */
  readText?(line: string, intake: Intake): boolean;
}
