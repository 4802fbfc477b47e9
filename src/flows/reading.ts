import { aws } from './aws.ts';
import { calicoEnterprise } from './calico-enterprise.ts';
import { generic } from './generic.ts';
import { goldmane } from './goldmane.ts';
import { createHubbleFormat } from './hubble.ts';
import type { Format, Intake, SeenPacket, Sighting } from './intake.ts';
import { createLedger, type Ledger } from './ledger.ts';
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
  open(file: string): LogFile;
  /** What the lines say that were taken so far. */
  conclude(): Observation;
  /** Lines of flows beyond the limit. */
  beyond(): number;
  /** The kinds of logs, as people call them. */
  readonly kinds: string;
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
    open(name) {
      const seen = new Set<string>();
      const log = readLogFile(formats, createIntake(ledger, notes, seen, keeping));
      const file: OpenFile = { name, log, seen, isOver: false };
      files.push(file);
      return {
        ...log,
        end() {
          log.end();
          file.isOver = true;
        },
      };
    },
    conclude: () => conclude(files, ledger, notes, keeping),
    beyond: ledger.beyond,
    kinds: formats.map(({ name }) => name).join(', '),
  };
}

interface OpenFile {
  readonly name: string;
  readonly log: LogFile;
  /** The fields that some line had. */
  readonly seen: ReadonlySet<string>;
  isOver: boolean;
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
      // What is about no packet does not count where somebody chooses.
      if (counts !== undefined && (packet === undefined || !counts(packet()))) return;
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

/** The needed fields that no line of a file had. Before its end nobody knows. */
function missingIn({ log, seen, isOver }: OpenFile, { needs = () => true }: Keeping): readonly string[] {
  if (!isOver || seen.size === 0) return [];
  return log.format()?.needed.filter((field) => !seen.has(field) && needs(field)) ?? [];
}

function conclude(files: readonly OpenFile[], ledger: Ledger, notes: Notes, keeping: Keeping): Observation {
  const flows = ledger.flows();
  const { lost, first, last } = notes;
  const holes = new Set(notes.holes);
  const neverSeen = new Set<string>();
  for (const file of files) {
    const missing = missingIn(file, keeping);
    for (const field of missing) neverSeen.add(field);
    if (missing.length > 0)
      holes.add(
        `No line of ${file.name} (${file.log.format()?.name}) has ${missing.join(', ')}: what they would decide is not decided.`,
      );
  }
  if (lost > 0) holes.add(`${lost} events were lost before they were written.`);
  if (ledger.hasJoinedAddresses())
    holes.add('There are too many addresses outside the cluster: some are counted by their /24 or /48 only.');
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
