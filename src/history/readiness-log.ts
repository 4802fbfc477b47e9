import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import { countOf } from '../wording/number.ts';
import { createJudge } from './again.ts';
import type { AuditLine } from './line.ts';
import type { Live } from './live.ts';
import { type Reading, readAuditLog } from './read.ts';
import { type Causes, findHoles } from './replay.ts';
import { createTally } from './tally.ts';

/** Admissions of the past, judged again as if every namespace enforced. */
export interface ReadyLog {
  readonly reading: Reading;
  readonly dryRuns: number;
  /** Admitted requests that enforce would refuse. */
  readonly recorded: Causes;
  /** Requests of the same kind whose object lives now and would be admitted. */
  readonly corrected: number;
  /** Those of `recorded` that are of no namespace that was asked about. */
  readonly elsewhere: Elsewhere;
  readonly undecided: Causes;
  readonly holes: readonly string[];
}

/** How many recorded requests enforce would refuse beside the namespaces that were asked about. */
export interface Elsewhere {
  /** Namespaces that are gone, or not in the files; most requests first. */
  readonly namespaces: readonly { readonly name: string; readonly recorded: number }[];
  /** Requests for objects of the cluster, other than Namespaces. */
  readonly cluster: number;
}

export interface LogContext {
  /** The namespaces that are asked about. */
  readonly asked: ReadonlySet<string>;
  /** Whether lines of every other namespace that is not exempt, and of none, count too. */
  readonly isWhole: boolean;
  readonly live: Pick<Live, 'isCorrected'>;
  readonly config: Config;
  readonly progress: ((lines: number) => void) | undefined;
}

/**
 * Judges the audit lines of files as if every namespace enforced. `open` has the requests that are
 * not corrected, counted by namespace. Throws an Error that names a file that cannot be read.
 */
export async function readLog(
  logs: readonly string[],
  { asked, isWhole, live, config, progress }: LogContext,
): Promise<{ readonly log: ReadyLog; readonly open: ReadonlyMap<string, number> }> {
  const judge = createJudge({ ...config, mode: 'enforce' }, { mode: 'enforce', source: 'namespace' });
  const [recorded, undecided] = [createTally(), createTally()];
  const open = new Map<string, number>();
  let [dryRuns, corrected, silent] = [0, 0, 0];
  const take = async (line: AuditLine): Promise<void> => {
    const home = line.kind === 'Namespace' ? line.name : line.namespace;
    if (!asked.has(home) && (!isWhole || isExempt(home, config))) return;
    if (line.dryRun) {
      dryRuns += 1;
      return;
    }
    if (line.findings.length === 0 && line.permissions === undefined) silent += 1;
    if (line.decision === 'denied') return;
    const { outcome, findings, doubts } = await judge(line);
    if (outcome === 'undecided') undecided.add(line, doubts);
    if (outcome !== 'denied') return;
    if (live.isCorrected(line)) {
      corrected += 1;
      return;
    }
    open.set(home, (open.get(home) ?? 0) + 1);
    recorded.add(
      line,
      findings.filter(({ action }) => action === 'deny'),
    );
  };
  const reading = await readAuditLog(logs, take, progress === undefined ? {} : { progress });
  if (reading.audits === 0)
    throw new Error(`${logs.join(', ')}: there is no audit line in it (a line whose msg is "admission decision")`);
  const log = {
    reading,
    dryRuns,
    recorded: { lines: recorded.lines, ...recorded.causes() },
    corrected,
    elsewhere: elsewhereIn(open, asked),
    undecided: { lines: undecided.lines, ...undecided.causes() },
    holes: [...findHoles(reading, silent), ...holeOfStarts(reading)],
  };
  return { log, open };
}

function elsewhereIn(open: ReadonlyMap<string, number>, asked: ReadonlySet<string>): Elsewhere {
  const namespaces = [...open]
    .filter(([name]) => name !== '' && !asked.has(name))
    .map(([name, recorded]) => ({ name, recorded }))
    .sort((a, b) => b.recorded - a.recorded || (a.name < b.name ? -1 : 1));
  return { namespaces, cluster: open.get('') ?? 0 };
}

function holeOfStarts({ starts }: Reading): readonly string[] {
  if (starts.length === 0) return [];
  const often = starts.length === 1 ? 'once, at' : `${countOf(starts.length, 'time')}, last at`;
  return [`a replica started ${often} ${starts.at(-1)}; lines before a start may be missing`];
}
