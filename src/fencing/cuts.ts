import { Stop, said } from './report.ts';

/** What a plan knows of the flows that a fence would cut. Each is one line. */
export interface Cuts {
  /** Lawful flows that are declared or were seen; what was seen most comes first. */
  readonly flows: readonly string[];
  /** Lawful flows that are declared, and that no flow log shows; empty without a log. */
  readonly unseen: readonly string[];
  /** Flows that pass today, that the rules forbid, and that the fence cuts. */
  readonly forbidden: readonly string[];
  /** Flows that the rules forbid, and that the fence does not cut, as far as is known. */
  readonly stillOpen: readonly string[];
  /** Flows of which nobody knows whether the fence cuts them, each with the reason. */
  readonly undecided: readonly string[];
  /** What the answer rests on, and what it lacks. */
  readonly notes: readonly string[];
}

/** A person reads the first ones, and the plan shows all. */
const shownAtMost = 10;

/**
 * Asks the plan. Returns what a person should know before the fence. Throws {@link Stop} if the
 * fence would cut a flow, lawful or not, or if the plan cannot be made, unless cuts are accepted.
 */
export async function weighCuts(
  name: string,
  ask: () => Promise<Cuts>,
  isAccepted: boolean,
): Promise<readonly string[]> {
  const again = 'To fence all the same: --accept-cuts';
  let cuts: Cuts;
  try {
    cuts = await ask();
  } catch (error) {
    const why = `what a fence would cut is not known, because no plan can be made: ${said(error)}`;
    if (isAccepted) return [why];
    throw new Stop('refused', `nothing was changed: ${why}\n${again}`);
  }
  const { flows, unseen, forbidden, stillOpen, undecided } = cuts;
  const plan = ['The plan:', ...someOf(cuts.notes)];
  const open = [
    ...listed(stillOpen, 'a flow', 'flows', 'that the rules forbid').map(
      (text) => `Behind the fence stays open, or may stay open, ${text}`,
    ),
    ...listed(undecided, 'a flow', 'flows', 'whose fate is not decided').map((text) => `The fence may cut ${text}`),
  ];
  const losses = [
    ...listed(flows, 'a flow that is', 'flows that are', 'declared or seen'),
    ...listed(unseen, 'a flow that is', 'flows that are', 'declared and that no log shows'),
    ...listed(forbidden, 'a flow that passes', 'flows that pass', 'today and that the rules forbid'),
  ];
  const [first, ...more] = losses;
  if (first === undefined) return [['The plan knows of no flow that this cuts:', ...plan.slice(1)].join('\n'), ...open];
  const also = more.map((text) => `It also cuts ${text}`);
  if (isAccepted) return [[`This cuts ${first}`, ...also, ...plan].join('\n'), ...open];
  const lines = [
    `nothing was changed: the fence would cut ${first}`,
    ...also,
    ...open,
    ...plan,
    ...(unseen.length === 0
      ? []
      : ['With --observed, ringfence plan writes no policy for what no log shows. Without --observed it does.']),
    ...(forbidden.length === 0
      ? []
      : ['No policy is written for what the rules forbid. End such a flow, or correct the labels or the rules.']),
    `To see all of them${flows.length + unseen.length === 0 ? '' : ', and to write the policies that keep them'}: ringfence plan ${name}. ${again}`,
  ];
  throw new Stop('refused', lines.join('\n'));
}

/** The number of flows and the first ones, in one text; nothing without flows. */
function listed(flows: readonly string[], one: string, many: string, which: string): readonly string[] {
  if (flows.length === 0) return [];
  const head = flows.length === 1 ? one : `${flows.length} ${many}`;
  return [[`${head} ${which}, first:`, ...someOf(flows)].join('\n')];
}

function someOf(lines: readonly string[]): readonly string[] {
  const more = lines.length > shownAtMost ? [`and ${lines.length - shownAtMost} more`] : [];
  return [...lines.slice(0, shownAtMost), ...more].map((line) => `  ${line}`);
}
