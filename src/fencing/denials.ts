import { agree, countOf } from '../wording/number.ts';
import type { FencingPorts } from './ports.ts';

/** A flow of a namespace on trial that flow logs show as denied. */
export interface DeniedFlow {
  /** Its ends, protocol and port in words. */
  readonly flow: string;
  /** How many lines say so. */
  readonly times: number;
  /** What the plan says of it: a fate, or `unknown` where there is no plan. */
  readonly fate: 'kept' | 'cut' | 'forbidden' | 'denied-already' | 'undecided' | 'unknown';
  /** Whether the plan before the fence had it. */
  readonly isPlanned: boolean;
  /** Why a plan does not know of it; absent where it does, or where there is no plan. */
  readonly why?: string;
}

/** What flow logs have said since the fence. */
export interface Denials extends DenialGround {
  readonly flows: readonly DeniedFlow[];
}

/** On what the answer rests, and what may be missing from it. */
export interface DenialGround {
  /** Lines of every kind, those that are no line of a log, and events that were lost. */
  readonly lines: number;
  readonly malformed: number;
  readonly lost: number;
  /** Denied lines of more flows than are told apart. */
  readonly beyond: number;
  /** How many denied lines make no flow, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** How many denied lines do not count, because their own time is before the fence. */
  readonly older: number;
  /** Sentences about what the logs cannot have seen. */
  readonly holes: readonly string[];
  /** Sentences about logs that are not read. */
  readonly troubles: readonly string[];
}

/** Flow logs that are followed during a trial. */
export interface DenialLog {
  now(): Denials;
  /** Ends. Says what was denied in the end. */
  stop(): Promise<Denials>;
}

/** Tells a person what is denied during a trial. */
export interface DenialTeller {
  /** Tells what is new since the last look. */
  look(): void;
  /** Ends the log. Returns what it has said, for the report; the same at every call. */
  end(): Promise<{ readonly denials: Denials; readonly lines: readonly string[] }>;
}

/** A look comes every two seconds. A person reads some lines of each. */
const toldAtMost = 10;

/** More flows are in the JSON. */
const summedAtMost = 20;

/** How often the number of lines is told, in milliseconds. */
const rateMs = 30_000;

/** Follows a log of denials, and tells each flow once. */
export function tellDenials(
  log: DenialLog,
  { clock, progress }: Pick<FencingPorts, 'clock' | 'progress'>,
): DenialTeller {
  const told = new Set<string>();
  let rate = { at: clock.uptime(), lines: 0 };
  let ended: ReturnType<DenialTeller['end']> | undefined;

  function tell(lines: readonly string[]): void {
    const fresh = lines.filter((line) => !told.has(line));
    for (const line of fresh) told.add(line);
    for (const line of fresh.slice(0, toldAtMost)) progress(line);
    if (fresh.length > toldAtMost) progress(`and ${fresh.length - toldAtMost} more denied flows`);
  }

  return {
    look() {
      const { flows, lines, leftOut, older, holes, troubles } = log.now();
      tell(troubles);
      tell([
        ...holes.map((hole) => `${hole} What was denied there is not known`),
        ...Object.keys(leftOut).map((reason) => `denied lines that cannot be placed: ${reason}`),
        ...(older === 0 ? [] : [`denied lines ${sayOlder(2)}; they do not count`]),
      ]);
      tell(flows.map((flow) => `denied: ${flow.flow} (${planWord(flow)})`));
      const seconds = (clock.uptime() - rate.at) / 1000;
      if (seconds * 1000 < rateMs) return;
      const count = lines - rate.lines;
      progress(
        `the flow logs: ${countOf(count, 'line')} in ${Math.round(seconds)} s (${(count / seconds).toFixed(1)} a second); denied so far: ${countOf(flows.length, 'flow')}`,
      );
      rate = { at: clock.uptime(), lines };
    },
    end: () => {
      ended ??= log.stop().then((denials) => ({ denials, lines: sumUp(denials) }));
      return ended;
    },
  };
}

/** What needs a person comes first: the plan was wrong about it, or nobody had thought of it. */
const order: readonly DeniedFlow['fate'][] = ['kept', 'undecided', 'unknown', 'cut', 'forbidden', 'denied-already'];

const words: Readonly<Record<DeniedFlow['fate'], string>> = {
  kept: 'kept',
  cut: 'cut',
  forbidden: 'forbidden',
  'denied-already': 'denied already before the fence',
  undecided: 'not decided',
  unknown: 'unknown',
};

function planWord({ fate, isPlanned, why }: DeniedFlow): string {
  if (fate === 'unknown') return why ?? 'there is no plan';
  return isPlanned ? `the plan had called it ${words[fate]}` : `not in the plan, which would call it ${words[fate]}`;
}

/** A summary of what was denied, and on what it rests. */
function sumUp({ flows, ...ground }: Denials): readonly string[] {
  const { lines, beyond } = ground;
  const unlisted = `${countOf(beyond, 'denied line')} ${agree(beyond, 'is', 'are')} of more flows than are told apart`;
  const lacks = [...lacksOf(ground), ...(flows.length === 0 && beyond > 0 ? [unlisted] : [])];
  const basis = [`the flow logs had ${countOf(lines, 'line')} during the trial`, ...lacks].join('; ');
  if (flows.length === 0) {
    // A denied line that was lost, or left out, may have been of the namespace.
    if (lines === 0 || lacks.length > 0) return [`What was denied since the fence is not known: ${basis}`];
    return [`Nothing was denied since the fence, by the flow logs: ${basis}`];
  }
  const sorted = [...flows].sort(
    (a, b) =>
      order.indexOf(a.fate) - order.indexOf(b.fate) ||
      Number(a.isPlanned) - Number(b.isPlanned) ||
      b.times - a.times ||
      (a.flow < b.flow ? -1 : 1),
  );
  const rest = sorted.length - summedAtMost;
  return [
    [
      `Denied since the fence: ${countOf(flows.length, 'flow')}; ${basis}`,
      ...sorted
        .slice(0, summedAtMost)
        .map((flow) => `  ${flow.flow}: ${countOf(flow.times, 'line')}; ${planWord(flow)}`),
      ...(rest > 0 ? [`  and ${rest} more (-o json lists them)`] : []),
      ...(beyond > 0 ? [`  and ${countOf(beyond, 'line')} of still more flows`] : []),
    ].join('\n'),
  ];
}

/** What may be missing from the answer, each as a clause. */
function lacksOf({ malformed, lost, leftOut, older, holes, troubles }: DenialGround): readonly string[] {
  const reasons = Object.entries(leftOut);
  const unplaced = reasons.reduce((sum, [, count]) => sum + count, 0);
  const listed = reasons.map(([reason, count]) => `${reason} (${count})`).join(', ');
  return [
    ...(malformed > 0 ? [`${countOf(malformed, 'line')} could not be read`] : []),
    ...(lost > 0 ? [`${countOf(lost, 'event')} lost before they were written`] : []),
    ...(unplaced > 0 ? [`${countOf(unplaced, 'denied line')} could not be placed: ${listed}`] : []),
    ...(older > 0 ? [`${countOf(older, 'denied line')} ${sayOlder(older)}`] : []),
    ...holes.map((hole) => hole.replace(/\.$/, '')),
    ...troubles,
  ];
}

/** The log says when a line was written by the clock of its node, and the fence has another one. */
function sayOlder(count: number): string {
  return `${agree(count, 'is', 'are')} older than the fence, or ${agree(count, 'comes', 'come')} from a node whose clock is more than two minutes late`;
}
