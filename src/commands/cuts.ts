import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import type { Cuts } from '../fencing/cuts.ts';
import type { ClusterOptions } from './options.ts';

/**
 * Asks the plan of the live cluster, and of flow logs, which flows a fence on a namespace would
 * cut. Throws an Error whose message is for a person.
 */
export async function findCuts(
  namespace: string,
  { kubeconfig, context, observed }: ClusterOptions & { readonly observed?: readonly string[] },
  config: Config,
  environment: Environment,
): Promise<Cuts> {
  // Only this needs the engine and the reader of logs.
  const { openPlanner } = await import('./plan-source.ts');
  const { formatFlow, observedLines } = await import('../plan/plan-text.ts');
  const options = {
    peers: 'name',
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(observed === undefined ? {} : { observed }),
  } as const;
  const { planner, observation, notes } = await openPlanner(options, environment, config);
  const { flows } = planner.plan(namespace);
  const weight = ({ candidate }: (typeof flows)[number]) => (candidate.seen ? candidate.sightings : 0);
  const linesOf = (wanted: 'cut' | 'forbidden') =>
    flows
      .filter(({ fate }) => fate.fate === wanted)
      .sort((a, b) => weight(b) - weight(a))
      .map((flow) => (wanted === 'cut' ? formatFlow(flow) : `${formatFlow(flow)}: ${flow.fate.reason}`));
  const overlooked = notes.filter((note) => note.overlooked).map(({ message }) => message);
  const rests =
    observation === undefined
      ? ['from what the cluster declares; --observed FILE reads flow logs too']
      : observedLines(observation, planner.leftOut);
  return {
    flows: linesOf('cut'),
    forbidden: linesOf('forbidden'),
    notes: [...rests, ...new Set(overlooked)],
  };
}
