import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { createExposures } from '../exposure/exposure.ts';
import { type BothDesks, bothDesks } from '../library/desks.ts';
import type { ExposureReading } from '../library/world.ts';
import { type Range, readCidr } from '../network/address.ts';
import { createDesk, type Desk } from '../reach/desk.ts';
import type { Note } from '../reach/note.ts';
import {
  type ClusterOptions,
  excludeOption,
  ignoreUnreadableOption,
  offlineConfig,
  ringfenceNamespaceOption,
  withClusterOptions,
} from './options.ts';
import { note } from './output.ts';
import { fileModes, refuseUnused } from './unused.ts';
import { readWorld, type WorldSource } from './world.ts';

/** The arguments that choose a configuration. */
export interface ConfigOptions extends ClusterOptions {
  readonly config?: string;
  /** Ringfence's own namespace. */
  readonly ringfenceNamespace: string;
}

/** The arguments that choose a world: live, or from files. */
export interface DeskOptions extends ConfigOptions {
  readonly filename?: readonly string[];
  readonly fenced?: boolean;
  readonly namespace?: string;
  readonly podCidr?: readonly Range[];
  readonly strict?: boolean;
  readonly exclude?: readonly string[];
  readonly ignoreUnreadable?: boolean;
}

/** Adds the options that choose a world. */
export function withDeskOptions(command: Command, environment: Environment): Command {
  return refuseUnused<DeskOptions>(
    withWorldOptions(
      command.option(
        '-f, --filename <path...>',
        'files and folders, or - for standard input; the default is the live cluster',
      ),
      environment,
    ),
    fileModes,
  );
}

/** Adds the options that control how a world is read. */
export function withWorldOptions(command: Command, environment: Environment): Command {
  return withClusterOptions(command, 'of the live cluster')
    .addOption(excludeOption())
    .addOption(ignoreUnreadableOption())
    .option(
      '--config <file>',
      'configuration file (YAML), which defines the baseline and the exempt namespaces; the default is the ConfigMap of the live cluster, or the built-in configuration with files',
    )
    .addOption(ringfenceNamespaceOption(environment))
    .option(
      '--pod-cidr <cidr>',
      'network of the Pods whose address is not known, may be repeated; the default is the private networks',
      collectCidr,
    )
    .option('-n, --namespace <name>', 'namespace of ends that name none; diff shows only flows with an end in it')
    .option('--fenced', 'treat every namespace in the files as fenced, as a cluster that enforces would mark it')
    .option('--strict', 'exit with 1 if a note says that something was overlooked');
}

/**
 * Reads the world that the options choose. Throws an Error whose message is for a person.
 */
export async function openDesk(options: DeskOptions, environment: Environment): Promise<Desk> {
  const found = await deskConfig(options, environment, options.filename === undefined);
  const { namespace, podCidr: podNetworks } = options;
  const { inventory, notes } = await readWorld(sourceOf(options, found.config, environment));
  return createDesk(inventory, [...found.notes, ...notes], { namespace, podNetworks });
}

/** The configuration of a world, and a note that says which it is. */
export interface DeskConfig {
  readonly config: Config;
  readonly notes: readonly Note[];
}

/**
 * Reads the configuration of `--config`, or else that of the live cluster. Files have the built-in
 * one. Throws an Error whose message is for a person.
 */
export async function deskConfig(
  options: ConfigOptions,
  environment: Environment,
  isLive: boolean,
): Promise<DeskConfig> {
  const { config: file, ringfenceNamespace } = options;
  if (!isLive) return { config: await offlineConfig(file, ringfenceNamespace), notes: [] };
  const { findConfig, withCluster } = await import('./person.ts');
  const { config, origin } = await withCluster(options, environment, (cluster) =>
    findConfig(cluster, { ringfenceNamespace, ...(file === undefined ? {} : { config: file }) }),
  );
  return { config, notes: [noteOfConfig(origin)] };
}

/** Says which configuration of a live cluster is used. */
export function noteOfConfig(origin: string): Note {
  return { id: 'configuration', message: `the configuration is ${origin}`, objects: [], overlooked: false };
}

/**
 * As {@link openDesk}, and reads what lets the outside in as well. A configuration that is known is
 * not read again.
 */
export async function openBothDesks(
  options: DeskOptions,
  environment: Environment,
  known?: DeskConfig,
): Promise<BothDesks> {
  const { config, notes: said } = known ?? (await deskConfig(options, environment, options.filename === undefined));
  const exposures: ExposureReading = { taker: createExposures(), notes: [] };
  const { inventory, notes: read } = await readWorld({ ...sourceOf(options, config, environment), exposures });
  const notes = [...said, ...read];
  const { namespace, podCidr: podNetworks } = options;
  return bothDesks({ inventory, notes }, exposures, config, { namespace, podNetworks });
}

/** The source of the world that the options choose. */
export function sourceOf(options: DeskOptions, config: Config, environment: Environment): WorldSource {
  return {
    paths: options.filename ?? [],
    exclude: options.exclude ?? [],
    live: { kubeconfig: options.kubeconfig, context: options.context, variables: environment.cluster },
    config,
    fenced: options.fenced === true,
    ignoreUnreadable: options.ignoreUnreadable === true,
  };
}

function collectCidr(text: string, others: readonly Range[] = []): readonly Range[] {
  const range = readCidr(text);
  if (range === undefined) throw new InvalidArgumentError('a CIDR such as 10.244.0.0/16 is needed.');
  return [...others, range];
}

/** Writes notes to standard error, each sentence once. */
export function printNotes(notes: readonly Note[]): void {
  for (const message of new Set(notes.map(({ message: text }) => text))) note(message);
}

/** With `--strict`, the exit code is at least 1 if something was overlooked. */
export function applyStrict({ strict }: Pick<DeskOptions, 'strict'>, notes: readonly Note[]): void {
  if (strict === true && notes.some(({ overlooked }) => overlooked)) process.exitCode ||= 1;
}
