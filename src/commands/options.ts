import { InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { inForce } from '../config/exceptions.ts';
import { mergeConfig } from '../config/merge.ts';

/** Returns Ringfence's own namespace: that of this Pod, or else the one in `manifests/base`. */
export function ownNamespaceIn({ podNamespace }: Environment): string {
  return podNamespace ?? 'ringfence-system';
}

/** `--namespace`: Ringfence's own namespace. */
export function ownNamespaceOption(environment: Environment): Option {
  return new Option('--namespace <name>', "Ringfence's own namespace").default(ownNamespaceIn(environment));
}

/** `--ringfence-namespace`, for commands whose argument is another namespace. */
export function ringfenceNamespaceOption(environment: Environment): Option {
  return new Option('--ringfence-namespace <name>', "Ringfence's own namespace, where its configuration is").default(
    ownNamespaceIn(environment),
  );
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

/** Reads a TCP port; 0 lets the system choose. */
export function readPort(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535.');
  return number;
}

/** Reads a duration in seconds. */
export function readSeconds(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number < 0) throw new InvalidArgumentError('seconds are a number from 0 up.');
  return number;
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
