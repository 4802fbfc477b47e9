import { aws } from './aws.ts';
import { calicoEnterprise } from './calico-enterprise.ts';
import { generic } from './generic.ts';
import { goldmane } from './goldmane.ts';
import { createHubbleFormat } from './hubble.ts';
import type { Format, Intake, SeenPacket, Sighting } from './intake.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { isOverlooked } from './left-out.ts';
import { type LogFile, readLogFile } from './log-file.ts';
import { byText } from './order.ts';
import type { Observation } from './record.ts';
import { earlier, later } from './times.ts';
import { whisker } from './whisker.ts';

/** The kinds of flow logs, in the order in which a line is offered to them. */
function createFormats(): readonly Format[] {
  return [goldmane, calicoEnterprise, whisker, createHubbleFormat(), aws, generic];
}

/** What all files say together, beside their flows. */
interface Notes {
  lost: number;
  first: string | undefined;
  last: string | undefined;
  readonly nodes: Set<string>;
  readonly holes: Set<string>;
  readonly leftOut: Map<string, number>;
}

/** Logs that are being read, each of any kind. */
export interface Reading {
  /** Begins another file. Its lines are taken until it ends. */
  open(file: string): OpenLog;
  /** What the lines say that were taken so far. */
  conclude(): Observation;
  /** Lines of flows beyond the limit. */
  beyond(): number;
  /** The kinds of logs, as people call them. */
  readonly kinds: string;
}

/** A file that is being read. */
export interface OpenLog extends LogFile {
  /**
   * Notes that it was read from its beginning, and whether its compressed content has ended before
   * its time. A log that is followed is not: whoever follows it says what became of it.
   */
  sawWhole(isCut: boolean): void;
}

/** What is kept of the lines. */
export interface Keeping {
  /** Whether a line belongs to what is asked for. */
  readonly keeps?: (sighting: Sighting) => boolean;
  /** Whether a line that makes no flow counts; each if this is not given. */
  readonly counts?: (seen: SeenPacket) => boolean;
  /** Whether something is not decided without a field; every needed one if it is not given. */
  readonly needs?: (field: string) => boolean;
  /** Of more flows, only the lines are counted. */
  readonly mostFlows?: number;
}

/** Begins to read logs. The memory grows with the flows that are kept, not with the lines. */
export function createReading(keeping: Keeping = {}): Reading {
  const formats = createFormats();
  const kinds = formats.map(({ name }) => name).join(', ');
  const ledger = createLedger(keeping.mostFlows);
  const notes: Notes = {
    lost: 0,
    first: undefined,
    last: undefined,
    nodes: new Set(),
    holes: new Set(),
    leftOut: new Map(),
  };
  const files: OpenFile[] = [];
  return {
    open(file) {
      const name = file === '-' ? 'the standard input' : file;
      const seen = new Set<string>();
      const log = readLogFile(formats, createIntake(ledger, notes, seen, keeping));
      const opened: OpenFile = { name, log, seen, isOver: false, whole: undefined };
      files.push(opened);
      return {
        ...log,
        sawWhole(isCut) {
          opened.whole = { isCut };
        },
        end() {
          log.end();
          opened.isOver = true;
        },
      };
    },
    conclude: () => conclude(files, ledger, notes, { kinds, keeping }),
    beyond: ledger.beyond,
    kinds,
  };
}

interface OpenFile {
  readonly name: string;
  readonly log: LogFile;
  /** The fields that some line had. */
  readonly seen: ReadonlySet<string>;
  isOver: boolean;
  whole: { readonly isCut: boolean } | undefined;
}

function createIntake(
  ledger: Ledger,
  notes: Notes,
  seen: Set<string>,
  { keeps = () => true, counts }: Keeping,
): Intake {
  return {
    meet: ledger.meet,
    add(sighting) {
      if (keeps(sighting)) ledger.add(sighting);
    },
    leaveOut(reason, packet) {
      // Where somebody chooses, a line about no packet counts only if it may be about one.
      if (counts !== undefined && !(packet === undefined ? isOverlooked(reason) : counts(packet()))) return;
      notes.leftOut.set(reason, (notes.leftOut.get(reason) ?? 0) + 1);
    },
    lose(events) {
      notes.lost += events;
    },
    hole: (sentence) => notes.holes.add(sentence),
    sawNode(name) {
      // Newer agents write `cluster/node`.
      if (name !== undefined) notes.nodes.add(name.slice(name.indexOf('/') + 1));
    },
    sawTime(time) {
      notes.first = earlier(notes.first, time);
      notes.last = later(notes.last, time);
    },
    sawField: (field) => seen.add(field),
  };
}

/**
 * The hole of a log with more addresses outside the cluster than are told apart. The plan names
 * their networks anyway, so no flow is missing.
 */
export const joinedAddresses =
  'There are too many addresses outside the cluster: some are counted by their /24 or /48 only.';

/** The needed fields that no line of a file had. Before its end nobody knows. */
function missingIn({ log, seen, isOver }: OpenFile, { needs = () => true }: Keeping): readonly string[] {
  if (!isOver || seen.size === 0) return [];
  return log.format()?.needed.filter((field) => !seen.has(field) && needs(field)) ?? [];
}

/** What a reading reads, and keeps. */
interface Reader {
  /** The names of the formats, for people. */
  readonly kinds: string;
  readonly keeping: Keeping;
}

/** What one file cannot say, in sentences. */
function holesIn(file: OpenFile, { kinds, keeping }: Reader): readonly string[] {
  const { name, log, whole } = file;
  const missing = missingIn(file, keeping);
  return [
    ...(whole === undefined ? [] : unreadIn(name, log, kinds)),
    ...(whole?.isCut === true
      ? [`The compressed content of ${name} ends in the middle: what came after is missing.`]
      : []),
    ...(missing.length === 0
      ? []
      : [
          `No line of ${name} (${log.format()?.name}) has ${missing.join(', ')}: what they would decide is not decided.`,
        ]),
  ];
}

function unreadIn(name: string, log: LogFile, kinds: string): readonly string[] {
  switch (log.unread()) {
    case 'empty':
      return [`There is no line in ${name}: what it should have recorded is missing.`];
    case 'unknown':
      return [`No line of ${name} is one of ${kinds}: nothing of it is read.`];
    case undefined:
      return [];
  }
}

function conclude(files: readonly OpenFile[], ledger: Ledger, notes: Notes, reader: Reader): Observation {
  const flows = ledger.flows();
  const { lost, first, last } = notes;
  const holes = new Set(notes.holes);
  const neverSeen = new Set<string>();
  for (const file of files) {
    for (const field of missingIn(file, reader.keeping)) neverSeen.add(field);
    for (const hole of holesIn(file, reader)) holes.add(hole);
  }
  if (ledger.hasJoinedAddresses()) holes.add(joinedAddresses);
  const namespaces = flows.flatMap(({ from, to }) =>
    [from, to].flatMap((end) => (end.kind === 'pod' || end.kind === 'service' ? [end.namespace] : [])),
  );
  return {
    flows,
    malformed: files.reduce((sum, { log }) => sum + log.malformed(), 0),
    lost,
    window: first === undefined || last === undefined ? undefined : { first, last },
    nodes: [...notes.nodes].sort(byText),
    namespaces: [...new Set(namespaces)].sort(byText),
    holes: [...holes].sort(byText),
    neverSeen: [...neverSeen].sort(byText),
    leftOut: new Map([...notes.leftOut].sort(([a], [b]) => byText(a, b))),
  };
}
