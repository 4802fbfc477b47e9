import { appendFile, readFile } from 'node:fs/promises';
import process from 'node:process';
import { Command, Option } from 'commander';
import type { Environment } from '../config/environment.ts';
import { formatDocumentProblem } from '../documents/document.ts';
import { asCalled } from '../invocation.ts';
import { compareKnown, type KnownFindings, readKnown, writeKnown } from '../judgement/known.ts';
import { rules } from '../judgement/rules.ts';
import { judgeFiles, readGiven } from '../library/judged-files.ts';
import { skippedChecks } from '../library/selection.ts';
import { reportMarkdown } from '../report/findings-markdown.ts';
import { reportGithub } from '../report/github.ts';
import { reportGitlab } from '../report/gitlab.ts';
import { reportJson } from '../report/json.ts';
import { reportJunit } from '../report/junit.ts';
import { exitCodeOf, type Report, type Run } from '../report/report.ts';
import { reportSarif } from '../report/sarif.ts';
import { reportText } from '../report/text.ts';
import { systemFiles } from './files.ts';
import { excludeOption, ignoreUnreadableOption, offlineConfig, ownNamespaceIn } from './options.ts';
import { note, print } from './output.ts';
import { collectChecks } from './selection.ts';
import { writeWhole } from './whole-files.ts';
import { limitYoungGeneration } from './young-generation.ts';

const reporters = {
  text: reportText,
  json: reportJson,
  sarif: reportSarif,
  junit: reportJunit,
  github: reportGithub,
  gitlab: reportGitlab,
  md: reportMarkdown,
} as const;

/** The arguments of `ringfence check`. */
interface CheckOptions {
  readonly config?: string;
  readonly namespaces?: string;
  readonly namespace?: string;
  readonly output: keyof typeof reporters;
  readonly strict?: boolean;
  readonly exclude: readonly string[];
  readonly ignoreUnreadable?: boolean;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly known?: string;
  readonly writeKnown?: string;
}

/**
 * `ringfence check`: runs all checks on manifests, offline, and reports in the words of admission.
 * `version` is the version of Ringfence, and `homepage` the address of its documentation.
 */
export function checkCommand(environment: Environment, version: string, homepage: string): Command {
  return new Command('check')
    .description('judge manifests offline, as admission would; exit code 0: clean, 1: findings, 2: could not run')
    .argument('<path...>', 'files, folders, or - for standard input')
    .option('--config <file>', 'configuration file (YAML); the default is the built-in configuration')
    .option(
      '--namespaces <file>',
      'objects that the cluster already has (kubectl get namespaces,networkpolicies -A -o yaml)',
    )
    .option('-n, --namespace <name>', 'namespace of objects without a namespace')
    .addOption(new Option('-o, --output <format>', 'output format').choices(Object.keys(reporters)).default('text'))
    .option('--strict', 'also fail on warnings and on undecided findings')
    .addOption(excludeOption())
    .addOption(ignoreUnreadableOption())
    .option('--only <check,...>', 'count only the findings of these checks', collectChecks)
    .option('--skip <check,...>', 'leave out the findings of these checks', collectChecks)
    .option('--known <file>', 'leave out the findings that stood before, so that only new ones fail')
    .addOption(new Option('--write-known <file>', 'write all findings to a file for --known').conflicts('known'))
    .action(async (paths: string[], options: CheckOptions) => {
      limitYoungGeneration();
      const judged = await check(paths, options, ownNamespaceIn(environment));
      const strict = options.strict === true;
      const ignoreUnreadable = options.ignoreUnreadable === true;
      const report: Report = { ...judged, rules, strict, ignoreUnreadable, version, homepage };
      if (options.writeKnown !== undefined) {
        await writeWhole(options.writeKnown, writeKnown(report.objects));
        note(`the findings are in ${options.writeKnown}; from now on, use --known ${options.writeKnown}`);
      }
      // A person reads standard error in all formats. The report for GitHub is read in the same
      // log.
      if (options.output !== 'github') {
        for (const one of report.problems) console.error(asCalled(formatDocumentProblem(one)));
        for (const sentence of report.notes) note(sentence);
      }
      // Findings that were written are not new.
      process.exitCode = options.writeKnown === undefined || report.problems.length > 0 ? exitCodeOf(report) : 0;
      if (options.output === 'github') await appendSummary(environment.stepSummary, report);
      await print(reporters[options.output](report));
    });
}

/** A summary that cannot be written is no reason to lose the findings. */
async function appendSummary(file: string | undefined, report: Report): Promise<void> {
  if (file === undefined) return;
  try {
    await appendFile(file, reportMarkdown(report));
  } catch (error) {
    note(`the summary cannot be written to ${file}: ${error instanceof Error ? error.message : error}`);
  }
}

async function check(
  paths: readonly string[],
  options: CheckOptions,
  ownNamespace: string,
): Promise<Omit<Run, 'rules' | 'strict' | 'ignoreUnreadable'>> {
  const skipped = skippedChecks(options);
  const before = options.known === undefined ? undefined : await loadKnown(options.known);
  const config = await offlineConfig(options.config, ownNamespace);
  if (paths.includes('-') && options.namespaces === '-')
    throw new Error('standard input can be read only once: use - for either PATH or --namespaces');
  const cluster = options.namespaces === undefined ? [] : await readGiven([options.namespaces], systemFiles);
  const given = { exclude: options.exclude, cluster, namespace: options.namespace, config, now: Date.now(), skipped };
  const found = await judgeFiles(paths, systemFiles, given);
  if (before === undefined) return found;
  const { objects, known, gone } = compareKnown(found.objects, before.findings, (id) => !skipped.includes(id));
  return { ...found, objects, known: { file: before.file, count: known, gone } };
}

/**
 * Reads the findings that stood before. Throws if they cannot be read, because then all findings
 * would be new.
 */
async function loadKnown(file: string): Promise<{ readonly file: string; readonly findings: KnownFindings }> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${file}: the known findings cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return { file, findings: readKnown(text, file) };
}
