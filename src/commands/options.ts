import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { inForce } from '../config/exceptions.ts';
import { mergeConfig } from '../config/merge.ts';
import { note } from './output.ts';

/** Returns Ringfence's own namespace: that of this Pod, or else the one in `manifests/base`. */
export function ownNamespaceIn({ podNamespace }: Environment): string {
  return podNamespace ?? 'ringfence-system';
}

/** `-n`: Ringfence's own namespace. */
export function ownNamespaceOption(environment: Environment): Option {
  return new Option('-n, --namespace <name>', "Ringfence's own namespace").default(ownNamespaceIn(environment));
}

/** `--ringfence-namespace`, for commands whose argument is another namespace. */
export function ringfenceNamespaceOption(environment: Environment): Option {
  return new Option('--ringfence-namespace <name>', "Ringfence's own namespace, where its configuration is").default(
    ownNamespaceIn(environment),
  );
}

/** `--exclude`, which may be given several times. */
export function excludeOption(): Option {
  const add = (pattern: string, before: readonly string[]): readonly string[] => [...before, pattern];
  return new Option('--exclude <pattern>', 'files and folders to leave out, as in .gitignore; repeatable')
    .argParser(add)
    .default([], 'what .ringfenceignore says');
}

/** `--ignore-unreadable`, for commands that otherwise end with 2 for what they cannot read. */
export function ignoreUnreadableOption(): Option {
  return new Option('--ignore-unreadable', 'report what cannot be read, but do not exit with 2 for it');
}

/** The arguments that choose a cluster and a user. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Adds `--kubeconfig` and `--context`. `purpose` says what the kubeconfig is for. */
export function withClusterOptions(command: Command, purpose: string): Command {
  return command
    .option(
      '--kubeconfig <file>',
      `kubeconfig ${purpose}, or several separated as in PATH; the default is KUBECONFIG, ~/.kube/config, or the ServiceAccount of a Pod`,
    )
    .option('--context <name>', 'context of the kubeconfig; the default is its current-context');
}

/** Adds the argument for the namespace that a command works in, and `-n`, which is the same. */
export function withNamespace(command: Command): Command {
  return command
    .argument('[namespace]', 'the namespace')
    .option('-n, --namespace <name>', 'the namespace, instead of the argument');
}

/** Returns the namespace that {@link withNamespace} read. Throws if there are none or two. */
export function chosenNamespace(argument: string | undefined, option: string | undefined): string {
  const name = argument ?? option;
  if (name === undefined || name === '') throw new Error('name the namespace, as the argument or with -n');
  if (option !== undefined && option !== name)
    throw new Error(`the argument names namespace ${name}, and -n names ${option}: use only one of them`);
  return name;
}

/**
 * Returns the configuration of `--config` without the exceptions that have ended, or the defaults.
 * Throws {@link ConfigError} with every problem. The reader of files is loaded only for a file,
 * because loading the compiler of the schema takes as long as loading everything else.
 */
export async function givenConfig(path: string | undefined, ownNamespace: string): Promise<Config> {
  if (path === undefined) return mergeConfig({}, { ownNamespace, version: '0' });
  const { fileConfig } = await import('../process/configuration.ts');
  return inForce(fileConfig(path, ownNamespace), Date.now());
}

/**
 * Returns the configuration of `--config` for a command that asks no cluster where DNS is. With
 * `dns: auto`, says what is assumed.
 */
export async function offlineConfig(path: string | undefined, ownNamespace: string): Promise<Config> {
  const config = await givenConfig(path, ownNamespace);
  tellAssumedDns(config);
  return config;
}

/** Says what is assumed of a configuration with `dns: auto` without a cluster. */
export function tellAssumedDns({ baseline }: Config): void {
  if (baseline.isDnsFound === false)
    note('baseline.dns is auto, and no cluster is asked here; the default place is assumed');
}

/** Reads a TCP port; 0 lets the system choose. */
export function readPort(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535.');
  return number;
}

/** Reads a whole number from 1. */
export function readCount(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1 is needed.');
  return number;
}

/**
 * Reads a duration in seconds, up to a week. A timer of Node that is set for longer than 24 days
 * fires at once.
 */
export function readSeconds(text: string): number {
  const number = Number(text);
  if (!(number >= 0 && number <= 604_800))
    throw new InvalidArgumentError('seconds are a number from 0 to 604800 (a week).');
  return number;
}

/**
 * Reads a duration such as `90s`, `15m` or `2h`, from a second to a week. Returns milliseconds.
 */
export function readDuration(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,6})([smh])$/u.exec(text) ?? [];
  const ms = Number(digits) * (unit === 'h' ? 3_600_000 : unit === 'm' ? 60_000 : 1_000);
  if (digits === '' || ms < 1_000 || ms > 7 * 86_400_000)
    throw new InvalidArgumentError('a duration is a number with s, m or h, from 1s to 168h, such as 15m.');
  return ms;
}

/** Reads a lifetime in hours. */
export function readHours(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError('hours are a number above 0.');
  return number;
}

/** Reads an interval in seconds: at least 0.1, so that the repetitions cause no load. */
export function readInterval(text: string): number {
  const seconds = readSeconds(text);
  if (seconds < 0.1) throw new InvalidArgumentError('at least 0.1 seconds are needed.');
  return seconds;
}

/**
 * Reads the seconds between two full lists: from 1, because a large cluster takes seconds to list,
 * to a day, because a change that a watch missed should be found on the same day.
 */
export function readRelist(text: string): number {
  const seconds = readSeconds(text);
  if (seconds < 1 || seconds > 86_400) throw new InvalidArgumentError('seconds from 1 to 86400 are needed.');
  return seconds;
}

/**
 * Reads the seconds for which an informer may receive nothing: at least 30. A watch without changes
 * is silent for 25 seconds and then opened again.
 */
export function readSilence(text: string): number {
  const seconds = readSeconds(text);
  if (seconds < 30) throw new InvalidArgumentError('at least 30 seconds are needed: a quiet watch is silent for 25.');
  return seconds;
}

/** Reads the base URL of the webhook. The API server calls webhooks only over HTTPS. */
export function readHttpsUrl(text: string): string {
  if (!URL.canParse(text) || new URL(text).protocol !== 'https:')
    throw new InvalidArgumentError('an https:// URL is needed.');
  return text;
}
