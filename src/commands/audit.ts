import process from 'node:process';
import { Command, Option } from 'commander';
import type { Audit } from '../audit/audit.ts';
import { auditCsv } from '../audit/csv.ts';
import { auditJson } from '../audit/json.ts';
import { auditJunit } from '../audit/junit.ts';
import { auditMarkdown } from '../audit/markdown.ts';
import { type AuditReport, exitCodeOf } from '../audit/report.ts';
import { auditText } from '../audit/text.ts';
import type { Cluster } from '../cluster/connection.ts';
import { countCalls } from '../cluster/counting.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { type Language, languages } from '../view/language.ts';
import { agree, countOf } from '../wording/number.ts';
import type { ClusterAudit } from './audited.ts';
import { noteOfConfig } from './desk.ts';
import {
  type ClusterOptions,
  excludeOption,
  givenConfig,
  ringfenceNamespaceOption,
  tellAssumedDns,
  withClusterOptions,
} from './options.ts';
import { note, print, printable, printPieces } from './output.ts';
import { findConfig, findDnsOf, withCluster } from './person.ts';
import { showProgress } from './progress.ts';
import { fileModes, refuseUnused } from './unused.ts';
import { writeWhole } from './whole-files.ts';

const formats = {
  text: (report) => [printable(auditText(report))],
  json: auditJson,
  csv: (report) => auditCsv(report).map(printable),
  junit: (report) => [auditJunit(report)],
  md: (report) => [printable(auditMarkdown(report))],
  html: async (report, language) => (await import('../view/document.ts')).auditHtml(report, language),
} as const satisfies Readonly<
  Record<string, (report: AuditReport, language: Language) => Iterable<string> | Promise<Iterable<string>>>
>;

/** The arguments of `ringfence audit`. */
interface AuditArguments extends ClusterOptions {
  readonly filename?: readonly string[];
  readonly exclude: readonly string[];
  readonly config?: string;
  readonly ringfenceNamespace: string;
  readonly output: keyof typeof formats;
  readonly language: Language;
  readonly strict?: boolean;
  readonly publish?: boolean;
}

/**
 * `ringfence audit`: everything that lives in a cluster, judged by the same checks as at admission.
 * `release` is the version of Ringfence.
 */
export function auditCommand(environment: Environment, release: string): Command {
  return refuseUnused<AuditArguments>(withClusterOptions(new Command('audit'), 'of the live cluster'), [
    ...fileModes,
    {
      chosen: ({ output }) => output !== 'html',
      unused: ['language'],
      because: 'only -o html has a language other than English',
    },
  ])
    .description(
      'judge everything that lives in a cluster, read-only; exit code 0: no finding, 1: findings, 2: could not run',
    )
    .argument('[file]', 'with -o html: the file to write (*.html); the default is standard output')
    .option(
      '-f, --filename <path...>',
      'objects in files and folders, or - for standard input, instead of the live cluster',
    )
    .addOption(excludeOption())
    .option('--config <file>', 'configuration file (YAML), instead of the ConfigMap in the cluster')
    .addOption(ringfenceNamespaceOption(environment))
    .addOption(new Option('-o, --output <format>', 'output format').choices(Object.keys(formats)).default('text'))
    .addOption(
      new Option('--language <language>', 'with -o html: the language').choices(Object.keys(languages)).default('en'),
    )
    .option('--strict', 'exit code 1 also for warnings, and for what could not be decided or read')
    .addOption(
      new Option(
        '--publish',
        'write a report into each namespace, and one of the cluster (reports in the configuration), and print the summary; exit code 0: written, 2: not',
      ).conflicts(['filename', 'output', 'language', 'strict']),
    )
    .action(async (file: string | undefined, options: AuditArguments) => {
      if (file !== undefined) refuseWrongFile(file, options);
      const report = await audit(options, environment, release);
      // What was found is in the reports, and a Job that has written them has not failed.
      if (options.publish === true) return;
      process.exitCode = exitCodeOf(report);
      const pieces = await formats[options.output](report, options.language);
      if (file === undefined) await printPieces(pieces);
      else await writeWhole(file, pieces);
    });
}

/** Throws if the argument is not the file of a document: a person may mean manifests by it. */
function refuseWrongFile(file: string, { output }: AuditArguments): void {
  if (output !== 'html') throw new Error(`${file}: only -o html writes a file; name manifests with -f`);
  if (!/\.html?$/.test(file))
    throw new Error(`${file}: the name of the file must end with .html; name manifests with -f`);
}

/** Judges a cluster, or objects in files. Throws an Error whose message is for a person. */
export async function audit(
  options: Omit<AuditArguments, 'output' | 'language'>,
  environment: Environment,
  release: string,
): Promise<AuditReport> {
  const strict = options.strict === true;
  const { auditCluster, auditFiles } = await import('./audited.ts');
  const { filename, exclude, ringfenceNamespace: ownNamespace } = options;
  if (filename !== undefined) {
    const config = (await fileConfig(options)) ?? (await givenConfig(undefined, ownNamespace));
    tellAssumedDns(config);
    const now = Date.now();
    const found = await auditFiles(filename, { config, now, exclude });
    return { ...found, at: new Date(now).toISOString(), strict, doctor: undefined, requests: undefined };
  }
  return withCluster(options, environment, async (connected, now) => {
    let requests = 0;
    const cluster = countCalls(connected, () => {
      requests += 1;
    });
    const progress = showProgress(process.stderr);
    try {
      const { config, origin } = await liveConfig(cluster, options);
      if (options.publish === true && config.reports === 'off')
        throw new Error('"reports" is off in the configuration: set it to openreports or policyreport');
      const found = await auditCluster(cluster, { config, ownNamespace, release, now, progress: progress.say });
      const at = now();
      if (options.publish === true) await publish(cluster, found.audit, config, at);
      return liveReport(found, { at: new Date(at).toISOString(), strict, origin, requests });
    } finally {
      progress.end();
    }
  });
}

/** The report of an audit of a live cluster, judged by the configuration of `origin`. */
export function liveReport(
  { audit: found, doctor }: ClusterAudit,
  { origin, ...said }: Pick<AuditReport, 'at' | 'strict' | 'requests'> & { readonly origin: string },
): AuditReport {
  return { ...found, notes: [noteOfConfig(origin), ...found.notes], ...said, doctor };
}

/** The configuration of `--config`, with the exceptions that have ended; undefined without one. */
async function fileConfig({
  config,
  ringfenceNamespace,
}: Pick<AuditArguments, 'config' | 'ringfenceNamespace'>): Promise<Config | undefined> {
  if (config === undefined) return undefined;
  const { fileConfig: read } = await import('../process/configuration.ts');
  return read(config, ringfenceNamespace);
}

/** The configuration of a live cluster, and which it is. */
export async function liveConfig(
  cluster: Pick<Cluster, 'request'>,
  options: Pick<AuditArguments, 'config' | 'ringfenceNamespace'>,
): Promise<{ readonly config: Config; readonly origin: string }> {
  const { config: file, ringfenceNamespace } = options;
  const given = await fileConfig(options);
  if (given === undefined) return findConfig(cluster, { ringfenceNamespace });
  return { config: (await findDnsOf(given, cluster)).config, origin: file ?? '' };
}

/** Writes the reports, and prints what became of them. Throws if one could not be written. */
async function publish(cluster: Cluster, audit: Audit, { reports }: Config, now: number): Promise<void> {
  if (reports === 'off') return;
  const { publishReports } = await import('./publish.ts');
  const { overlookedIn } = await import('../audit/overlooked.ts');
  for (const sentence of overlookedIn(audit)) note(`overlooked: ${sentence}`);
  const { written, unchanged, failures, unreported } = await publishReports(cluster, audit, reports, now);
  const { count, because } = unreported;
  if (count > 0)
    note(
      `${countOf(count, 'finding')} on objects without a namespace ${agree(count, 'is', 'are')} in no report: ${because}`,
    );
  if (failures.length > 0) throw new Error(printable(failures.join('\n')));
  await print(`${countOf(written, 'report')} written, ${unchanged} as they were\n`);
}
