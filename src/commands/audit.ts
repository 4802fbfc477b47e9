import process from 'node:process';
import { Command, Option } from 'commander';
import type { Audit } from '../audit/audit.ts';
import { auditCsv } from '../audit/csv.ts';
import { auditJson } from '../audit/json.ts';
import { auditJunit } from '../audit/junit.ts';
import { auditMarkdown } from '../audit/markdown.ts';
import { unreportedIn } from '../audit/policy-report.ts';
import { type AuditReport, exitCodeOf } from '../audit/report.ts';
import { auditText } from '../audit/text.ts';
import type { Cluster } from '../cluster/connection.ts';
import { countCalls } from '../cluster/counting.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import {
  type ClusterOptions,
  excludeOption,
  givenConfig,
  ringfenceNamespaceOption,
  tellAssumedDns,
  withClusterOptions,
} from './options.ts';
import { note, print, printable, printPieces } from './output.ts';
import { findDnsOf, readConfig, withCluster } from './person.ts';
import { showProgress } from './progress.ts';

const formats = {
  text: (report) => [printable(auditText(report))],
  json: auditJson,
  csv: (report) => auditCsv(report).map(printable),
  junit: (report) => [auditJunit(report)],
  md: (report) => [printable(auditMarkdown(report))],
} as const satisfies Readonly<Record<string, (report: AuditReport) => Iterable<string>>>;

/** The arguments of `ringfence audit`. */
interface AuditArguments extends ClusterOptions {
  readonly filename?: readonly string[];
  readonly exclude: readonly string[];
  readonly config?: string;
  readonly ringfenceNamespace: string;
  readonly output: keyof typeof formats;
  readonly strict?: boolean;
  readonly publish?: boolean;
}

/**
 * `ringfence audit`: everything that lives in a cluster, judged by the same checks as at admission.
 * `release` is the version of Ringfence.
 */
export function auditCommand(environment: Environment, release: string): Command {
  return withClusterOptions(new Command('audit'), 'of the live cluster')
    .description(
      'judge everything that lives in a cluster, read-only; exit code 0: no finding, 1: findings, 2: could not run',
    )
    .option(
      '-f, --filename <path...>',
      'objects in files and folders, or - for standard input, instead of the live cluster',
    )
    .addOption(excludeOption())
    .option('--config <file>', 'configuration file (YAML), instead of the ConfigMap in the cluster')
    .addOption(ringfenceNamespaceOption(environment))
    .addOption(new Option('-o, --output <format>', 'output format').choices(Object.keys(formats)).default('text'))
    .option('--strict', 'exit code 1 also for warnings, and for what could not be decided or read')
    .addOption(
      new Option(
        '--publish',
        'write a report into each namespace (reports in the configuration) and print the summary; exit code 0: written, 2: not',
      ).conflicts(['filename', 'output', 'strict']),
    )
    .action(async (options: AuditArguments) => {
      const report = await audit(options, environment, release);
      // What was found is in the reports, and a Job that has written them has not failed.
      if (options.publish === true) return;
      process.exitCode = exitCodeOf(report);
      await printPieces(formats[options.output](report));
    });
}

async function audit(options: AuditArguments, environment: Environment, release: string): Promise<AuditReport> {
  const now = Date.now();
  const said = { at: new Date(now).toISOString(), strict: options.strict === true };
  const { auditCluster, auditFiles } = await import('./audited.ts');
  const { filename, exclude, ringfenceNamespace: ownNamespace } = options;
  if (filename !== undefined) {
    const config = (await fileConfig(options)) ?? (await givenConfig(undefined, ownNamespace));
    tellAssumedDns(config);
    const found = await auditFiles(filename, { config, now, exclude });
    return { ...found, ...said, doctor: undefined, requests: undefined };
  }
  return withCluster(options, environment, async (connected) => {
    let requests = 0;
    const cluster = countCalls(connected, () => {
      requests += 1;
    });
    const progress = showProgress(process.stderr);
    try {
      const given = await fileConfig(options);
      const config =
        given === undefined
          ? await readConfig(cluster, { ringfenceNamespace: ownNamespace })
          : (await findDnsOf(given, cluster)).config;
      if (options.publish === true && config.reports === 'off')
        throw new Error('"reports" is off in the configuration: set it to openreports or policyreport');
      const found = await auditCluster(cluster, { config, ownNamespace, release, now, progress: progress.say });
      if (options.publish === true) await publish(cluster, found.audit, config, now);
      return { ...found.audit, ...said, doctor: found.doctor, requests };
    } finally {
      progress.end();
    }
  });
}

/** The configuration of `--config`, with the exceptions that have ended; undefined without one. */
async function fileConfig({ config, ringfenceNamespace }: AuditArguments): Promise<Config | undefined> {
  if (config === undefined) return undefined;
  const { fileConfig: read } = await import('../process/configuration.ts');
  return read(config, ringfenceNamespace);
}

/** Writes the reports, and prints what became of them. Throws if one could not be written. */
async function publish(cluster: Cluster, audit: Audit, { reports }: Config, now: number): Promise<void> {
  if (reports === 'off') return;
  const { publishReports } = await import('./publish.ts');
  const { written, unchanged, failures } = await publishReports(cluster, audit, reports, now);
  const left = unreportedIn(audit);
  if (left > 0) note(`${left} findings on cluster-scoped objects are in no report`);
  if (failures.length > 0) throw new Error(printable(failures.join('\n')));
  await print(`${written} reports written, ${unchanged} as they were\n`);
}
