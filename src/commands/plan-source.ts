import { resolve, sep } from 'node:path';
import process from 'node:process';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { createExposures } from '../exposure/exposure.ts';
import { readObservation } from '../flows/read.ts';
import type { Observation } from '../flows/record.ts';
import type { Range } from '../network/address.ts';
import { privateNetworks } from '../network/blocks.ts';
import { createOffers } from '../plan/offers.ts';
import { createPlanner, type Planner } from '../plan/plan.ts';
import type { PeerNaming } from '../plan/selection.ts';
import { createWorkloads } from '../plan/workloads.ts';
import { type Note, noteOfAddresses, notesOf } from '../reach/note.ts';
import type { ExposureReading } from './exposures.ts';
import { type ClusterOptions, offlineConfig, ownNamespaceIn } from './options.ts';
import { readConfig, withCluster } from './person.ts';
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
  const { filename = [], observed, podCidr, write } = options;
  if (filename.includes('-') && observed?.includes('-') === true)
    throw new Error('standard input can be read only once: use - for either -f or --observed');
  const config = known ?? (await configOf(options, environment));
  const workloads = createWorkloads(config.workloads);
  const offers = createOffers(config.workloads);
  const exposures: ExposureReading = { taker: createExposures(), notes: [] };
  const folder = write === undefined ? undefined : `${resolve(write)}${sep}`;
  const { inventory, notes } = await readWorld({
    paths: filename,
    exclude: options.exclude ?? [],
    live: { kubeconfig: options.kubeconfig, context: options.context, variables: environment.cluster },
    config,
    fenced: false,
    exposures,
    declarations: {
      add(object, namespace) {
        workloads.add(object, namespace);
        offers.add(object, namespace);
      },
      // What an earlier plan has written there is not yet a policy of the cluster.
      isOwn: (file) => folder !== undefined && resolve(file).startsWith(folder),
    },
  });
  const observation = observed === undefined ? undefined : await readObservation(observed, { progress });
  const planner = createPlanner({
    inventory,
    workloads: workloads.take(inventory),
    offers: offers.take(),
    exposures: exposures.taker.take((name) => inventory.world.namespaces.get(name)),
    observation,
    config,
    podNetworks: podCidr,
    naming: options.peers,
    options: { ephemeral: options.ephemeral === true, external: options.external === 'cidr' },
  });
  const found = [
    ...notes,
    ...exposures.notes,
    ...notesOf(inventory),
    ...noteOfAddresses(inventory, podCidr ?? privateNetworks),
  ];
  return { planner, observation, notes: found, config };
}

/** The configuration of `--config`, or else that of the live cluster. Files have the defaults. */
function configOf(options: PlanSourceOptions, environment: Environment): Promise<Config> {
  const { config, filename = [], ringfenceNamespace = ownNamespaceIn(environment) } = options;
  if (filename.length > 0) return offlineConfig(config, ringfenceNamespace);
  const file = config === undefined ? {} : { config };
  return withCluster(options, environment, (cluster) => readConfig(cluster, { ringfenceNamespace, ...file }));
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
