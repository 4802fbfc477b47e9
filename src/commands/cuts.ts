import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import type { Cuts } from '../fencing/cuts.ts';
import type { DenialLog } from '../fencing/denials.ts';
import type { Fate } from '../plan/fate.ts';
import type { JudgedFlow } from '../plan/writer.ts';
import { countOf } from '../wording/number.ts';
import type { ClusterOptions } from './options.ts';
import type { OpenedPlanner } from './plan-source.ts';

/** The plan of a namespace that is about to be fenced. */
export interface FencePlan {
  /** Which flows the fence would cut. Throws an Error whose message is for a person. */
  cuts(): Promise<Cuts>;
  /** Follows the flow logs from a time on, for what is denied of the namespace. */
  readonly follow: ((since: number) => Promise<DenialLog>) | undefined;
}

interface FencePlanOptions extends ClusterOptions {
  readonly observed?: readonly string[];
  /** Whether the flow logs are followed while a trial runs. */
  readonly isFollowed: boolean;
}

/**
 * Makes the plan of the live cluster and of flow logs, when it is asked for. A log that is followed
 * and has no end is not read before. Throws an Error if a log is not there.
 */
export async function openFencePlan(
  namespace: string,
  { kubeconfig, context, observed, isFollowed }: FencePlanOptions,
  config: Config,
  environment: Environment,
): Promise<FencePlan> {
  const streams = isFollowed ? await endlessOf(observed) : [];
  const files = observed?.filter((file) => !streams.includes(file)) ?? [];
  const options = {
    peers: 'name',
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(files.length === 0 ? {} : { observed: files }),
  } as const;
  let opened: OpenedPlanner | undefined;
  async function open(): Promise<OpenedPlanner> {
    // Only this needs the engine and the reader of logs.
    const { openPlanner } = await import('./plan-source.ts');
    opened ??= await openPlanner(options, environment, config);
    return opened;
  }
  return {
    async cuts() {
      const cuts = await cutsOf(namespace, await open());
      const unread =
        streams.length === 0 ? [] : [`followed during the trial, and not read before: ${streams.join(', ')}`];
      return { ...cuts, notes: [...cuts.notes, ...unread] };
    },
    follow:
      !isFollowed || observed === undefined
        ? undefined
        : async (since) => {
            const { followDenials } = await import('./denials.ts');
            // Without a plan the fence has been accepted all the same, or prolonged.
            return followDenials({ files: observed, namespace, since, opened: await open().catch(() => undefined) });
          },
  };
}

async function endlessOf(files: readonly string[] = []): Promise<readonly string[]> {
  const { isEndless } = await import('../flows/growing.ts');
  const found = await Promise.all(files.map(async (file) => ((await isEndless(file)) ? [file] : [])));
  return found.flat();
}

async function cutsOf(namespace: string, { planner, observation, notes }: OpenedPlanner): Promise<Cuts> {
  const { formatFlow, observedLines } = await import('../plan/plan-text.ts');
  const { flows, unseen } = planner.plan(namespace);
  // A log that is short, or empty, is no reason to cut what the cluster declares.
  const notSeen = unseen.map((candidate): JudgedFlow => ({ candidate, fate: planner.judge(candidate, namespace) }));
  const weight = ({ candidate }: JudgedFlow) => (candidate.seen ? candidate.sightings : 0);
  const linesOf = (among: readonly JudgedFlow[], isWanted: (fate: Fate) => boolean) =>
    among
      .filter(({ fate }) => isWanted(fate))
      .sort((a, b) => weight(b) - weight(a))
      .map((flow) => [formatFlow(flow), ...becauseOf(flow.fate)].join(': '));
  const all = [...flows, ...notSeen];
  const overlooked = notes.filter((note) => note.overlooked).map(({ message }) => message);
  const rests =
    observation === undefined
      ? ['from what the cluster declares; --observed FILE reads flow logs too']
      : [...observedLines(observation, planner.leftOut), ...sayStrays(planner.strays(namespace).length, namespace)];
  const isCut = ({ fate }: Fate): boolean => fate === 'cut';
  return {
    flows: linesOf(flows, isCut),
    unseen: linesOf(notSeen, isCut),
    forbidden: linesOf(all, (one) => one.fate === 'forbidden' && one.isCut === true),
    stillOpen: linesOf(all, (one) => one.fate === 'forbidden' && one.isCut !== true),
    undecided: linesOf(all, ({ fate }) => fate === 'undecided'),
    notes: [...rests, ...new Set(overlooked)],
  };
}

/** Why a flow is forbidden or not decided, and whether it is known what the fence does to it. */
function becauseOf({ fate, isCut, reason }: Fate): readonly string[] {
  if (fate === 'undecided') return [reason];
  if (fate !== 'forbidden') return [];
  return [isCut === undefined ? `${reason} (whether the fence cuts it is not decided)` : reason];
}

/** Flows of the log that are in no plan, because nobody knows whose an address was. */
function sayStrays(count: number, namespace: string): readonly string[] {
  if (count === 0) return [];
  return [
    `not in the plan: ${countOf(count, 'flow')} with an end that may have been a Pod of ${namespace} and is not known`,
  ];
}
