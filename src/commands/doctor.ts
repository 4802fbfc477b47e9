import process from 'node:process';
import { Command, Option } from 'commander';
import type { Cluster } from '../cluster/connection.ts';
import { listAll } from '../cluster/list.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { ConfigError } from '../config/problem.ts';
import { examine } from '../doctor/examinations.ts';
import { linesJson } from '../doctor/json.ts';
import { exitCodeOf, type Line } from '../doctor/line.ts';
import type { DoctorPorts } from '../doctor/ports.ts';
import { formatLines } from '../doctor/text.ts';
import {
  type ClusterOptions,
  givenConfig,
  readSeconds,
  ringfenceNamespaceOption,
  withClusterOptions,
} from './options.ts';
import { print, printable } from './output.ts';
import { findDnsOf, ofRights, type Person, readConfig, terminalPerson, withCluster } from './person.ts';
import { refuseUnused } from './unused.ts';

/** The arguments of `ringfence doctor`. */
interface DoctorArguments extends ClusterOptions {
  readonly config?: string;
  readonly ringfenceNamespace: string;
  readonly output: 'text' | 'json';
  readonly strict?: boolean;
  readonly probe?: string;
  readonly probeImage?: string;
  readonly timeout: number;
  readonly yes?: boolean;
}

/**
 * `ringfence doctor`: whether the fence is real in this cluster. `release` is Ringfence's own
 * version.
 */
export function doctorCommand(environment: Environment, release: string, person: Person = terminalPerson): Command {
  return refuseUnused<DoctorArguments>(withClusterOptions(new Command('doctor'), ofRights), [
    {
      chosen: ({ probe }) => probe === undefined,
      unused: ['probeImage', 'timeout', 'yes'],
      because: 'only --probe makes Pods',
    },
  ])
    .description(
      'look whether the fence is real in this cluster, read-only; exit code 0: no finding, 1: findings, 2: could not run',
    )
    .option('--config <file>', 'configuration file (YAML), instead of the ConfigMap in the cluster')
    .addOption(ringfenceNamespaceOption(environment))
    .addOption(new Option('-o, --output <format>', 'output format').choices(['text', 'json']).default('text'))
    .option('--strict', 'exit code 1 also for what could not be decided')
    .option(
      '--probe <namespace>',
      'prove instead whether a deny holds, with two short-lived Pods there; exit code 2 also if that is not decided',
    )
    .option('--probe-image <image>', 'image with Node for these Pods; the default is that of the installed Ringfence')
    .option('--timeout <seconds>', 'how long to wait for each of these Pods to run', readSeconds, 60)
    .option('-y, --yes', 'do not ask before the probe')
    .action(async (options: DoctorArguments) => {
      const { probe } = options;
      if (probe !== undefined && options.yes !== true && !person.hasTerminal())
        throw new Error('there is no terminal for the question; use --yes');
      await withCluster(options, environment, async (cluster, now) => {
        if (probe === undefined) {
          const lines = await readLines(cluster, now, options, release);
          await printLines(lines, options, exitCodeOf(lines, options.strict === true));
        } else await printProbe(cluster, { ...options, probe }, person);
      });
    });
}

/** The doctor's lines about a cluster. Rejects if the API server does not answer. */
async function readLines(
  cluster: Cluster,
  now: () => number,
  options: DoctorArguments,
  release: string,
): Promise<readonly Line[]> {
  const { readFacts } = await import('../doctor/read.ts');
  const { config: file, ringfenceNamespace: ownNamespace } = options;
  // An error in a file that the user gave is not the cluster's fault, so it ends the run.
  const given = file === undefined ? undefined : await givenConfig(file, ownNamespace);
  return examine(await readFacts(doctorPorts(cluster, ownNamespace, given), { ownNamespace, release, now }));
}

/** The ports of the doctor. A configuration that was given is used instead of the cluster's. */
export function doctorPorts(
  cluster: Pick<Cluster, 'request'>,
  ringfenceNamespace: string,
  given: Config | undefined,
): DoctorPorts {
  return {
    get: (path, accept) =>
      cluster.request('GET', path, { timeoutMs: answerMs, ...(accept === undefined ? {} : { accept }) }),
    async list(path, query, onObject) {
      await listAll(cluster, path, { query }, onObject);
    },
    async config() {
      if (given !== undefined) return findDnsOf(given, cluster);
      try {
        return { config: await readConfig(cluster, { ringfenceNamespace }) };
      } catch (error) {
        if (error instanceof ConfigError) return { problems: error.message.split('\n') };
        throw error;
      }
    },
    async dial(address) {
      const { dial } = await import('../doctor/dial.ts');
      return dial(address);
    },
  };
}

/** The API server waits longer than this for a replica behind a policy or a firewall. */
const answerMs = 5_000;

async function printLines(
  lines: readonly Line[],
  { output }: Pick<DoctorArguments, 'output'>,
  exitCode: 0 | 1 | 2,
): Promise<void> {
  process.exitCode = exitCode;
  await print(output === 'json' ? linesJson(lines) : printable(formatLines(lines)));
}

/** A probe without a result counts as not run: a script must not take it for a fence that holds. */
async function printProbe(
  cluster: Cluster,
  options: DoctorArguments & { readonly probe: string },
  person: Person,
): Promise<void> {
  const { probeNamespace } = await import('./probe.ts');
  const { line, isCleanedUp } = await probeNamespace(cluster, options, person);
  const isRun = line.status !== 'undecided' && isCleanedUp;
  await printLines([line], options, isRun ? exitCodeOf([line], options.strict === true) : 2);
}
