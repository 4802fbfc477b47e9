import { resolve, sep } from 'node:path';
import process from 'node:process';
import { isReservedName } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { readObservation } from '../flows/read.ts';
import type { Observation } from '../flows/record.ts';
import { startPlan } from '../library/planning.ts';
import type { Range } from '../network/address.ts';
import { createPlanner, type Planner } from '../plan/plan.ts';
import type { PeerNaming } from '../plan/selection.ts';
import type { Note } from '../reach/note.ts';
import { deskConfig } from './desk.ts';
import { type ClusterOptions, ownNamespaceIn } from './options.ts';
import { readWorld } from './world.ts';

/** The arguments of `ringfence plan` that choose what it is made from. */
export interface PlanSourceOptions extends ClusterOptions {
  readonly filename?: readonly string[];
  readonly exclude?: readonly string[];
  readonly config?: string;
  /** Ringfence's own namespace; undefined for that of this Pod. */
  readonly ringfenceNamespace?: string;
  readonly podCidr?: readonly Range[];
  readonly observed?: readonly string[];
  readonly write?: string;
  readonly peers: PeerNaming;
  readonly external?: 'cidr';
  readonly ephemeral?: boolean;
}

/** A planner, and what a reader of its plans should know. */
export interface OpenedPlanner {
  readonly planner: Planner;
  /** A planner of the same world with other logs, in which a namespace has no baseline yet. */
  planWith(observation: Observation | undefined, unfenced: string): Planner;
  readonly observation: Observation | undefined;
  readonly notes: readonly Note[];
  readonly config: Config;
}

/**
 * Reads the world and the logs. Throws an Error whose message is for a person.
 * @param known the configuration; undefined for that of the options
 */
export async function openPlanner(
  options: PlanSourceOptions,
  environment: Environment,
  known?: Config,
): Promise<OpenedPlanner> {
  const { filename = [], observed, podCidr, write, ringfenceNamespace = ownNamespaceIn(environment) } = options;
  if (filename.includes('-') && observed?.includes('-') === true)
    throw new Error('standard input can be read only once: use - for either -f or --observed');
  const { config, notes: said } =
    known === undefined
      ? await deskConfig({ ...options, ringfenceNamespace }, environment, filename.length === 0)
      : { config: known, notes: [] };
  const reading = startPlan(config);
  const folder = write === undefined ? undefined : `${resolve(write)}${sep}`;
  const read = await readWorld({
    paths: filename,
    exclude: options.exclude ?? [],
    live: { kubeconfig: options.kubeconfig, context: options.context, variables: environment.cluster },
    config,
    fenced: false,
    exposures: reading.exposures,
    declarations: {
      ...reading.declarations,
      // What an earlier plan has written there is not yet a policy of the cluster.
      isOwn: (file) => folder !== undefined && resolve(file).startsWith(folder),
    },
  });
  const observation = observed === undefined ? undefined : await readObservation(observed, { progress });
  const { source, notes: found } = reading.finish(
    { ...read, notes: [...said, ...read.notes] },
    {
      observation,
      podNetworks: podCidr,
      naming: options.peers,
      options: { ephemeral: options.ephemeral === true, external: options.external === 'cidr' },
    },
  );
  return {
    planner: createPlanner(source),
    planWith(seen, unfenced) {
      const { inventory } = read;
      const { world } = inventory;
      const policies = world.policies.filter(({ namespace, name }) => namespace !== unfenced || !isReservedName(name));
      return createPlanner({
        ...source,
        inventory: { ...inventory, world: { ...world, policies } },
        fenced: new Set([...read.fenced].filter((name) => name !== unfenced)),
        observation: seen,
      });
    },
    observation,
    notes: found,
    config,
  };
}

/** Shows on a terminal how much of the logs has been read. */
function progress(bytes: number, total: number | undefined): void {
  if (!process.stderr.isTTY) return;
  const read = `${Math.round(bytes / 1_000_000)} MB`;
  const end = total !== undefined && bytes >= total ? '\n' : '';
  process.stderr.write(
    `\rreading the logs: ${read}${total === undefined ? '' : ` of ${Math.round(total / 1_000_000)} MB`}${end}`,
  );
}
