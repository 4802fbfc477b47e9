import { countOf } from '../wording/number.ts';
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
}

/** What flow logs have said since the fence. */
export interface Denials {
  readonly flows: readonly DeniedFlow[];
  /** Lines of every kind, those that are no line of a log, and events that were lost. */
  readonly lines: number;
  readonly malformed: number;
  readonly lost: number;
  /** Denied lines of more flows than are told apart. */
  readonly beyond: number;
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
  end(): Promise<{ readonly flows: readonly DeniedFlow[]; readonly lines: readonly string[] }>;
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
      const { flows, lines, troubles } = log.now();
      tell(troubles);
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
      ended ??= log.stop().then((denials) => ({ flows: denials.flows, lines: sumUp(denials) }));
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

function planWord({ fate, isPlanned }: DeniedFlow): string {
  if (fate === 'unknown') return 'there is no plan';
  return isPlanned ? `the plan had called it ${words[fate]}` : `not in the plan, which would call it ${words[fate]}`;
}

/** A summary of what was denied, and on what it rests. */
function sumUp({ flows, lines, malformed, lost, beyond, troubles }: Denials): readonly string[] {
  const holes = [
    ...(malformed > 0 ? [`${countOf(malformed, 'line')} could not be read`] : []),
    ...(lost > 0 ? [`${countOf(lost, 'event')} lost before they were written`] : []),
    ...troubles,
  ];
  const basis = `the flow logs had ${countOf(lines, 'line')} during the trial${holes.length === 0 ? '' : `; ${holes.join('; ')}`}`;
  if (lines === 0) return [`What was denied since the fence is not known: ${basis}`];
  if (flows.length === 0) return [`Nothing was denied since the fence, by the flow logs: ${basis}`];
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
