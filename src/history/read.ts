import { readLines } from '../flows/log-lines.ts';
import { type AuditLine, readLogged } from './line.ts';

/** What was read of log files besides the audit lines themselves. */
export interface Reading {
  /** Audit lines. */
  readonly audits: number;
  /** Other lines of the log, which are skipped. */
  readonly others: number;
  /** Lines that speak of a decision and cannot be read: cut, or changed by another program. */
  readonly unreadable: number;
  /** The first of these: `FILE:LINE: problem`. */
  readonly firstProblem: string | undefined;
  /** What is missing from which file, in sentences. */
  readonly gaps: readonly string[];
  /** The times of the first and the last audit line; undefined if there are none. */
  readonly window: { readonly first: string; readonly last: string } | undefined;
  /** The times at which replicas said that they serve, in order; with the Pod if it is known. */
  readonly starts: readonly string[];
  /** The Pods that the lines name; empty if they name none. */
  readonly pods: readonly string[];
  /** The longest periods without a line of any replica, longest first. */
  readonly silences: readonly Silence[];
}

export interface Silence {
  readonly from: string;
  readonly to: string;
  readonly hours: number;
}

/** Called for each audit line, with `FILE:LINE`. */
export type Take = (line: AuditLine, place: string) => void | Promise<void>;

/**
 * Reads audit lines from files; `-` is the standard input. Other lines are counted. Only the line
 * at hand is in memory. Throws an Error that names a file that cannot be read.
 * @param quietHours a period without lines counts as a silence from this length on
 */
export async function readAuditLog(
  files: readonly string[],
  take: Take,
  { quietHours = 1, progress }: { readonly quietHours?: number; readonly progress?: (lines: number) => void } = {},
): Promise<Reading> {
  let [audits, others, unreadable, read] = [0, 0, 0, 0];
  let firstProblem: string | undefined;
  const gaps: string[] = [];
  const starts: string[] = [];
  const pods = new Set<string>();
  const minutes = new Set<string>();
  let [first, last] = ['', ''];
  for (const file of files) {
    let at = 0;
    const before = audits + starts.length;
    const name = file === '-' ? 'the standard input' : file;
    const { isCut } = await readLines(
      file,
      (text) => {
        at += 1;
        read += 1;
        if (read % progressLines === 0) progress?.(read);
        return text.trim() === '' ? undefined : takeText(text, `${file}:${at}`);
      },
      () => undefined,
    );
    if (isCut) gaps.push(`the compressed content of ${name} ends in the middle: what came after is missing`);
    // A replica that was asked nothing says that it serves.
    if (audits + starts.length === before)
      gaps.push(at === 0 ? `there is no line in ${name}` : `no line of ${name} is an audit line`);
  }

  function takeText(text: string, place: string): void | Promise<void> {
    const logged = readLogged(text);
    if (logged.pod !== undefined && pods.size < podLimit) pods.add(logged.pod);
    if (logged.message === 'serving' && logged.time !== undefined) starts.push(logged.time);
    if (logged.problem !== undefined) {
      unreadable += 1;
      firstProblem ??= `${place}: ${logged.problem}`;
    } else if (logged.audits.length === 0) others += 1;
    for (const line of logged.audits) {
      audits += 1;
      if (first === '' || line.time < first) first = line.time;
      if (line.time > last) last = line.time;
      minutes.add(line.time.slice(0, minute));
    }
    const [only] = logged.audits;
    if (only === undefined) return undefined;
    return logged.audits.length === 1 ? take(only, place) : takeAll(logged.audits, place);
  }

  async function takeAll(lines: readonly AuditLine[], place: string): Promise<void> {
    for (const line of lines) await take(line, place);
  }

  return {
    audits,
    others,
    unreadable,
    firstProblem,
    gaps,
    window: audits === 0 ? undefined : { first, last },
    starts: starts.sort(byText),
    pods: [...pods].sort(byText),
    silences: findSilences([...minutes].sort(byText), quietHours),
  };
}

/** Whether lines do not decide the answer: they leave it open, cannot be read, or are missing. */
export function hasDoubts({
  reading,
  undecided,
}: {
  readonly reading: Pick<Reading, 'unreadable' | 'gaps'>;
  readonly undecided: { readonly lines: number };
}): boolean {
  return undecided.lines > 0 || reading.unreadable > 0 || reading.gaps.length > 0;
}

/** A terminal need not be told more often. */
const progressLines = 10_000;

/** A Deployment that restarts again and again has many Pods in a week. */
const podLimit = 1_000;

/** The length of the time of a line to the minute: `2026-11-29T09:01`. A year has 525,600. */
const minute = 16;

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The files of several replicas overlap, so periods are found when all are read. */
function findSilences(minutes: readonly string[], quietHours: number): readonly Silence[] {
  const silences = minutes.flatMap((to, index): readonly Silence[] => {
    const from = minutes[index - 1];
    if (from === undefined) return [];
    const hours = (Date.parse(`${to}Z`) - Date.parse(`${from}Z`)) / 3_600_000;
    return hours >= quietHours ? [{ from: `${from}Z`, to: `${to}Z`, hours: Math.round(hours * 10) / 10 }] : [];
  });
  return silences.sort((a, b) => b.hours - a.hours).slice(0, 5);
}
