import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { Cluster } from '../cluster/connection.ts';
import { objects } from '../cluster/objects.ts';
import { configMaps } from '../cluster/resources.ts';
import { ownAccess } from '../cluster/reviews.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { withFoundDns } from '../config/found-dns.ts';
import type { FencingPorts, Intent } from '../fencing/ports.ts';
import { exitCodeOf, type Report, said } from '../fencing/report.ts';
import { formatIntent, formatSteps } from '../fencing/text.ts';
import { apiCode } from '../retry/answer.ts';
import { type ClusterOptions, givenConfig, readSeconds, withClusterOptions } from './options.ts';
import { note, print, printable } from './output.ts';

/** The person who runs a command, with or without a terminal. */
export interface Person {
  readonly hasTerminal: () => boolean;
  /** Resolves to whether the person answered yes. Any other answer means no. */
  readonly ask: (question: string) => Promise<boolean>;
}

/** The arguments of a command that changes a cluster with a person's rights. */
export interface PersonOptions extends ClusterOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly timeout: number;
  readonly output: 'text' | 'json';
}

/** Adds the options of {@link PersonOptions}. */
export function withPersonOptions(command: Command, waitedFor: string, seconds: number): Command {
  return withClusterOptions(command, ofRights)
    .option('-y, --yes', 'do not ask')
    .option('--dry-run', 'write nothing; let the API server judge the change, and print what would be done')
    .option('--timeout <seconds>', `how long to wait ${waitedFor}`, readSeconds, seconds)
    .addOption(new Option('-o, --output <format>', 'output format').choices(['text', 'json']).default('text'));
}

/** The purpose of a kubeconfig for commands that act for a person. */
export const ofRights = 'whose rights are used';

/**
 * Reads the configuration of a file, or else of the cluster, or else the defaults. Throws an Error
 * whose message is for a person.
 */
export async function readConfig(
  cluster: Pick<Cluster, 'request'>,
  options: { readonly config?: string; readonly ringfenceNamespace: string },
): Promise<Config> {
  return (await findConfig(cluster, options)).config;
}

/** As {@link readConfig}, and says which it is: `the ConfigMap ringfence-system/ringfence`. */
export async function findConfig(
  cluster: Pick<Cluster, 'request'>,
  options: { readonly config?: string; readonly ringfenceNamespace: string },
): Promise<{ readonly config: Config; readonly origin: string }> {
  const { written, origin } = await readWritten(cluster, options);
  const { config, problem } = await findDnsOf(written, cluster);
  if (problem !== undefined) note(`baseline.dns is auto, and ${problem}; the default is assumed`);
  return { config, origin };
}

/**
 * Returns a configuration with the DNS of the cluster if it says `dns: auto`, or why that is not
 * known.
 */
export async function findDnsOf(
  config: Config,
  cluster: Pick<Cluster, 'request'>,
): Promise<{ readonly config: Config; readonly problem?: string }> {
  if (config.baseline.isDnsFound === undefined) return { config };
  const { searchDns } = await import('../process/dns.ts');
  const answer = await searchDns(cluster);
  return 'found' in answer ? { config: withFoundDns(config, answer.found) } : { config, problem: answer.problem };
}

async function readWritten(
  cluster: Pick<Cluster, 'request'>,
  { config, ringfenceNamespace }: { readonly config?: string; readonly ringfenceNamespace: string },
): Promise<{ readonly written: Config; readonly origin: string }> {
  if (config !== undefined) return { written: await givenConfig(config, ringfenceNamespace), origin: config };
  const { clusterConfig, configMapName } = await import('../process/configuration.ts');
  try {
    const written = await clusterConfig(configMaps(cluster), ringfenceNamespace);
    const name = `ConfigMap ${ringfenceNamespace}/${configMapName}`;
    return written === undefined
      ? {
          written: await givenConfig(undefined, ringfenceNamespace),
          origin: `the built-in one, because the cluster has no ${name}`,
        }
      : { written, origin: `${name} of the cluster` };
  } catch (error) {
    if (apiCode(error) !== 403) throw error;
    throw new Error(
      `you may not read ConfigMap ${ringfenceNamespace}/${configMapName}; pass the same configuration with --config FILE (${said(error)})`,
    );
  }
}

/**
 * Connects to the cluster of the options, does the work, and closes the connections. The work gets
 * the time of the API server too.
 */
export async function withCluster<T>(
  { kubeconfig, context }: ClusterOptions,
  { cluster: variables }: Pick<Environment, 'cluster'>,
  work: (cluster: Cluster, now: () => number) => Promise<T>,
): Promise<T> {
  const { connect } = await import('../cluster/connection.ts');
  const { createServerClock } = await import('../cluster/server-clock.ts');
  const clock = createServerClock();
  const cluster = connect({ kubeconfig, context, variables, clock });
  try {
    return await work(cluster, clock.now);
  } finally {
    await cluster.close();
  }
}

/** Throws if the command would have to ask and there is no terminal. */
export function requirePerson({ yes, dryRun }: PersonOptions, person: Person): void {
  if (yes === true || dryRun === true || person.hasTerminal()) return;
  throw new Error('there is no terminal for the question; use --yes, or --dry-run to see what would be done');
}

/**
 * Returns the ports of the fencing room. Questions and progress go to standard error, because
 * standard output is for the result.
 */
export function fencingPorts(cluster: Pick<Cluster, 'request'>, { yes }: PersonOptions, person: Person): FencingPorts {
  return {
    objects: objects(cluster),
    isAllowed: ownAccess(cluster).isAllowed,
    clock: { uptime: () => performance.now(), sleep: (ms) => setTimeout(ms) },
    progress: (line) => console.error(printable(line)),
    async confirm(intent: Intent) {
      console.error(printable(formatIntent(intent)));
      return yes === true || person.ask('Go on? [y/N] ');
    },
  };
}

/** Prints the report and sets the exit code: 0 done or nothing to do, 1 refused, 2 failed. */
export async function printReport(
  report: Report,
  { output }: PersonOptions,
  stream: 'stdout' | 'stderr' = 'stdout',
): Promise<void> {
  process.exitCode = exitCodeOf(report);
  if (output === 'json') {
    await print(`${JSON.stringify(report, undefined, 2)}\n`);
    return;
  }
  const say = async (text: string): Promise<void> => {
    if (stream === 'stdout') await print(printable(text));
    else if (text !== '') console.error(printable(text.trimEnd()));
  };
  await say(formatSteps(report));
  for (const message of report.messages)
    if (process.exitCode === 0) await say(`${message}\n`);
    else console.error(printable(`ringfence: ${message}`));
}

/** The person at this process's terminal. */
export const terminalPerson: Person = personAt(process.stdin, process.stderr);

/** The person who types into `input` and reads `output`. */
export function personAt(
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  output: NodeJS.WritableStream,
): Person {
  return {
    hasTerminal: () => input.isTTY === true,
    async ask(question) {
      const terminal = createInterface({ input, output });
      // Ctrl-C and Ctrl-D close the terminal without an answer, which means no.
      const closed = new AbortController();
      terminal.once('close', () => closed.abort());
      try {
        return /^\s*y(es)?\s*$/iu.test(await terminal.question(question, { signal: closed.signal }));
      } catch {
        return false;
      } finally {
        terminal.close();
      }
    },
  };
}
