import process from 'node:process';
import { Command, Option } from 'commander';
import { auditCollection } from '../audit/audit.ts';
import type { Collection } from '../audit/collection.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { asEnforcing } from '../history/live.ts';
import { hasDoubts } from '../history/read.ts';
import { judgeReadiness, type Readiness } from '../history/readiness.ts';
import { readinessJson } from '../history/readiness-json.ts';
import { formatReadiness } from '../history/readiness-text.ts';
import { isNamespace } from '../judgement/inventory.ts';
import { readLabels } from '../kubernetes/labels.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import {
  type ClusterOptions,
  chosenNamespace,
  excludeOption,
  givenConfig,
  readCount,
  ringfenceNamespaceOption,
  withClusterOptions,
  withNamespace,
} from './options.ts';
import { print, printable } from './output.ts';
import { readConfig, withCluster } from './person.ts';
import { type Progress, showProgress } from './progress.ts';
import { fileModes, jsonModes, type Mode, refuseUnused } from './unused.ts';

/** The arguments of `ringfence readiness`. */
interface ReadinessArguments extends ClusterOptions {
  readonly namespace?: string;
  readonly filename?: readonly string[];
  readonly exclude: readonly string[];
  readonly log?: readonly string[];
  readonly config?: string;
  readonly ringfenceNamespace: string;
  readonly output: 'text' | 'json';
  readonly top: number;
  readonly strict?: boolean;
}

const withoutLog: Mode<ReadinessArguments> = {
  chosen: ({ log }) => log === undefined,
  unused: ['strict'],
  because: 'it is about lines of --log, and none was given',
};

/** `ringfence readiness`: whether a namespace, or every namespace, may go to enforce. */
export function readinessCommand(environment: Environment): Command {
  const command = withClusterOptions(withNamespace(new Command('readiness')), 'of the live cluster');
  return refuseUnused<ReadinessArguments>(command, [...fileModes, ...jsonModes, withoutLog])
    .description(
      'say whether namespaces may go to enforce; exit code 0: ready, 1: not ready, 2: not everything could be read',
    )
    .option('--log <file...>', "the webhook's log, as kubectl logs or Loki give it, gzip too; - for standard input")
    .option(
      '-f, --filename <path...>',
      'objects in files and folders, or - for standard input, instead of the live cluster',
    )
    .addOption(excludeOption())
    .option('--config <file>', 'configuration file (YAML), instead of the ConfigMap in the cluster')
    .addOption(ringfenceNamespaceOption(environment))
    .addOption(new Option('-o, --output <format>', 'output format').choices(['text', 'json']).default('text'))
    .addOption(new Option('--top <number>', 'how many causes the text shows').argParser(readCount).default(10))
    .option('--strict', 'not ready either if lines of the log do not decide it, cannot be read or are missing')
    .action(async (argument: string | undefined, options: ReadinessArguments) => {
      const isNamed = argument !== undefined || options.namespace !== undefined;
      const namespace = isNamed ? chosenNamespace(argument, options.namespace) : undefined;
      const progress = showProgress(process.stderr);
      let readiness: Readiness;
      try {
        readiness = await judge(namespace, options, environment, progress);
      } finally {
        progress.end();
      }
      const isDoubted = options.strict === true && readiness.log !== undefined && hasDoubts(readiness.log);
      process.exitCode = isDoubted ? 1 : exitCodes[readiness.state];
      await print(
        options.output === 'json' ? readinessJson(readiness) : printable(formatReadiness(readiness, options.top)),
      );
    });
}

const exitCodes = { ready: 0, 'not-ready': 1, undecided: 2 } as const;

async function judge(
  namespace: string | undefined,
  options: ReadinessArguments,
  environment: Environment,
  progress: Progress,
): Promise<Readiness> {
  const { filename, log: logs = [], exclude, ringfenceNamespace } = options;
  if (logs.includes('-') && filename?.includes('-') === true)
    throw new Error('standard input can be read only once: use - for either --log or --filename');
  const { collectCluster, collectFiles, patientCluster } = await import('./collected.ts');
  const sayLines = (lines: number) => progress.say(`${lines.toLocaleString('en-US')} lines`);
  const judgeCollection = async (collection: Collection, config: Config, now: number) => {
    const audit = await auditCollection(asEnforcing(collection), { ...config, mode: 'enforce' }, now);
    return judgeReadiness(audit, labelsIn(collection), config, {
      namespace,
      logs,
      isLive: filename === undefined,
      progress: sayLines,
    });
  };
  if (filename !== undefined) {
    const config = await givenConfig(options.config, ringfenceNamespace);
    return judgeCollection(await collectFiles(filename, config, exclude), config, Date.now());
  }
  return withCluster(options, environment, async (connected, now) => {
    const { config: file } = options;
    const config = await readConfig(connected, { ringfenceNamespace, ...(file === undefined ? {} : { config: file }) });
    const collection = await collectCluster(patientCluster(connected), config, now, progress.say);
    return judgeCollection(collection, config, now());
  });
}

/** The labels of each namespace, by its name. */
function labelsIn({ documents }: Collection): ReadonlyMap<string, ReadonlyMap<string, string>> {
  return new Map(
    documents
      .filter(isNamespace)
      .map(({ object }) => [textAt(object, 'metadata', 'name') ?? '', readLabels(object).labels]),
  );
}
