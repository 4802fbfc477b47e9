import { Stop, said } from './report.ts';

/** What a plan knows of the flows that a fence would cut. */
export interface Cuts {
  /** One line for each flow that is declared or was seen; what was seen most comes first. */
  readonly flows: readonly string[];
  /** Flows that pass today and that the rules forbid: no policy is written for them. */
  readonly forbidden: readonly string[];
  /** What the answer rests on, and what it lacks. */
  readonly notes: readonly string[];
}

/** A person reads the first ones, and the plan shows all. */
const shownAtMost = 10;

/**
 * Asks the plan. Returns what a person should know before the fence. Throws {@link Stop} if the
 * fence would cut a flow, or if the plan cannot be made, unless cuts are accepted.
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
  const { flows, notes } = cuts;
  const basis = someOf(notes);
  const forbidden = sayForbidden(cuts);
  if (flows.length === 0)
    return [['The plan knows of no lawful flow that this cuts:', ...basis].join('\n'), ...forbidden];
  const flowsText = flows.length === 1 ? 'a flow that is' : `${flows.length} flows that are`;
  const shown = someOf(flows);
  if (isAccepted)
    return [
      [`This cuts ${flowsText} declared or seen, first:`, ...shown, 'The plan:', ...basis].join('\n'),
      ...forbidden,
    ];
  throw new Stop(
    'refused',
    [
      `nothing was changed: the fence would cut ${flowsText} declared or seen, first:`,
      ...shown,
      ...forbidden,
      'The plan:',
      ...basis,
      `To see all of them, and to write the policies that keep them: ringfence plan ${name}. ${again}`,
    ].join('\n'),
  );
}

/** No policy can keep these flows, so they end without a refusal, and a person must know. */
function sayForbidden({ forbidden }: Cuts): readonly string[] {
  if (forbidden.length === 0) return [];
  const head =
    forbidden.length === 1
      ? 'The rules forbid a flow that passes today. No policy is written for it, and it ends unless one allows it already:'
      : `The rules forbid ${forbidden.length} flows that pass today. No policy is written for them, and they end unless one allows them already:`;
  return [[head, ...someOf(forbidden)].join('\n')];
}

function someOf(lines: readonly string[]): readonly string[] {
  const more = lines.length > shownAtMost ? [`and ${lines.length - shownAtMost} more`] : [];
  return [...lines.slice(0, shownAtMost), ...more].map((line) => `  ${line}`);
}
