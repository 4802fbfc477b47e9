import { setFlagsFromString } from 'node:v8';
import { aws } from './aws.ts';
import { calicoEnterprise } from './calico-enterprise.ts';
import { generic } from './generic.ts';
import { goldmane } from './goldmane.ts';
import { createHubbleFormat } from './hubble.ts';
import type { Format, Intake } from './intake.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { readLogFile } from './log-file.ts';
import { FlowLogError, readLines, totalOf } from './log-lines.ts';
import { byText } from './order.ts';
import type { Observation } from './record.ts';
import { earlier, later } from './times.ts';
import { whisker } from './whisker.ts';

interface ReadOptions {
  /**
   * Called as bytes of the files are read. The total is undefined if some of it comes from a pipe.
   */
  readonly progress?: (bytes: number, total: number | undefined) => void;
}

/** The kinds of flow logs, in the order in which a line is offered to them. */
function createFormats(): readonly Format[] {
  return [goldmane, calicoEnterprise, whisker, createHubbleFormat(), aws, generic];
}

/** What all files say together, beside their flows. */
interface Notes {
  malformed: number;
  lost: number;
  first: string | undefined;
  last: string | undefined;
  readonly nodes: Set<string>;
  readonly holes: Set<string>;
  readonly neverSeen: Set<string>;
  readonly leftOut: Map<string, number>;
}

/**
 * Reads flow logs, each of any kind, of any node, plain or compressed with gzip. `-` is the
 * standard input. The memory grows with the flows, not with the lines.
 *
 * @throws FlowLogError if a file cannot be read, or if no line of any file is of a known kind
 */
export async function readObservation(files: readonly string[], options: ReadOptions = {}): Promise<Observation> {
  // Each line becomes garbage at once. V8 would answer with a young generation of 96 MB, which
  // makes nothing faster here. The default of this flag is 2.
  setFlagsFromString('--semi-space-growth-factor=1');
  try {
    return await readFiles(files, options);
  } finally {
    setFlagsFromString('--semi-space-growth-factor=2');
  }
}

async function readFiles(files: readonly string[], options: ReadOptions): Promise<Observation> {
  const total = await totalOf(files);
  const formats = createFormats();
  const ledger = createLedger();
  const notes: Notes = {
    malformed: 0,
    lost: 0,
    first: undefined,
    last: undefined,
    nodes: new Set(),
    holes: new Set(),
    neverSeen: new Set(),
    leftOut: new Map(),
  };
  let bytes = 0;
  let [hasLines, hasKnown] = [false, false];
  for (const file of files) {
    const seen = new Set<string>();
    const log = readLogFile(formats, createIntake(ledger, notes, seen));
    await readLines(
      file,
      (line) => {
        hasLines = true;
        log.take(line);
      },
      (count) => {
        bytes += count;
        options.progress?.(bytes, total);
      },
    );
    log.end();
    notes.malformed += log.malformed();
    const format = log.format();
    hasKnown ||= format !== undefined;
    if (format !== undefined && seen.size > 0) noteMissing(file, format, seen, notes);
  }
  if (hasLines && !hasKnown) throw new FlowLogError(`${files.join(', ')}: no line is one of ${namesOf(formats)}`);
  return conclude(ledger, notes);
}

function namesOf(formats: readonly Format[]): string {
  return formats.map(({ name }) => name).join(', ');
}

function createIntake(ledger: Ledger, notes: Notes, seen: Set<string>): Intake {
  return {
    meet: ledger.meet,
    add: ledger.add,
    leaveOut(reason) {
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

function noteMissing(file: string, { name, needed }: Format, seen: ReadonlySet<string>, notes: Notes): void {
  const missing = needed.filter((field) => !seen.has(field));
  for (const field of missing) notes.neverSeen.add(field);
  if (missing.length > 0)
    notes.holes.add(`No line of ${file} (${name}) has ${missing.join(', ')}: what they would decide is not decided.`);
}

function conclude(ledger: Ledger, notes: Notes): Observation {
  const flows = ledger.flows();
  const { malformed, lost, first, last, holes } = notes;
  if (lost > 0) holes.add(`${lost} events were lost before they were written.`);
  if (ledger.hasJoinedAddresses())
    holes.add('There are too many addresses outside the cluster: some are counted by their /24 or /48 only.');
  const namespaces = flows.flatMap(({ from, to }) =>
    [from, to].flatMap((end) => (end.kind === 'pod' || end.kind === 'service' ? [end.namespace] : [])),
  );
  return {
    flows,
    malformed,
    lost,
    window: first === undefined || last === undefined ? undefined : { first, last },
    nodes: [...notes.nodes].sort(byText),
    namespaces: [...new Set(namespaces)].sort(byText),
    holes: [...holes].sort(byText),
    neverSeen: [...notes.neverSeen].sort(byText),
    leftOut: new Map([...notes.leftOut].sort(([a], [b]) => byText(a, b))),
  };
}
