import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { createExposures } from '../exposure/exposure.ts';
import { type Range, readCidr } from '../network/address.ts';
import { withControllers } from '../reach/controllers.ts';
import { createDesk, type Desk } from '../reach/desk.ts';
import type { Note } from '../reach/note.ts';
import type { OutsideDesk } from '../reach/outside-question.ts';
import type { ExposureReading } from './exposures.ts';
import {
  type ClusterOptions,
  excludeOption,
  ignoreUnreadableOption,
  offlineConfig,
  ownNamespaceIn,
  withClusterOptions,
} from './options.ts';
import { note } from './output.ts';
import { readWorld, type WorldSource } from './world.ts';

/** The arguments that choose a world: live, or from files. */
export interface DeskOptions extends ClusterOptions {
  readonly filename?: readonly string[];
  readonly config?: string;
  readonly fenced?: boolean;
  readonly namespace?: string;
  readonly podCidr?: readonly Range[];
  readonly strict?: boolean;
  readonly exclude?: readonly string[];
  readonly ignoreUnreadable?: boolean;
}

/** Adds the options that choose a world. */
export function withDeskOptions(command: Command): Command {
  return withWorldOptions(
    command.option(
      '-f, --filename <path...>',
      'files and folders, or - for standard input; the default is the live cluster',
    ),
  );
}

/** Adds the options that control how a world is read. */
export function withWorldOptions(command: Command): Command {
  return withClusterOptions(command, 'of the live cluster')
    .addOption(excludeOption())
    .addOption(ignoreUnreadableOption())
    .option('--config <file>', 'configuration file (YAML), which defines the baseline and the exempt namespaces')
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
  const config = await offlineConfig(options.config, ownNamespaceIn(environment));
  const { namespace, podCidr: podNetworks } = options;
  const { inventory, notes } = await readWorld(sourceOf(options, config, environment));
  return createDesk(inventory, notes, { namespace, podNetworks });
}

/** Two desks of one reading: one for the cluster itself, and one as the outside sees it. */
export interface BothDesks {
  readonly desk: Desk;
  readonly outside: OutsideDesk;
}

/** As {@link openDesk}, and reads what lets the outside in as well. */
export async function openBothDesks(options: DeskOptions, environment: Environment): Promise<BothDesks> {
  const config = await offlineConfig(options.config, ownNamespaceIn(environment));
  const exposures: ExposureReading = { taker: createExposures(), notes: [] };
  const { inventory, notes } = await readWorld({ ...sourceOf(options, config, environment), exposures });
  const { namespace, podCidr: podNetworks } = options;
  const seen = withControllers(inventory, config.network.peers);
  const desk = createDesk(seen.inventory, [...notes, ...exposures.notes, ...seen.notes], { namespace, podNetworks });
  const found = exposures.taker.take((name) => desk.inventory.world.namespaces.get(name));
  // Controllers matter only where something needs one.
  const assumed = found.all.some(({ by }) => by === 'controller') ? seen.notes : [];
  return {
    desk: createDesk(inventory, notes, { namespace, podNetworks }),
    outside: { desk, exposures: found, config, notes: [...exposures.notes, ...assumed] },
  };
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
export function applyStrict({ strict }: DeskOptions, notes: readonly Note[]): void {
  if (strict === true && notes.some(({ overlooked }) => overlooked)) process.exitCode ||= 1;
}
