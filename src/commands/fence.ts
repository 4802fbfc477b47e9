import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { Command, Option } from 'commander';
import { objects } from '../cluster/objects.ts';
import type { Environment } from '../config/environment.ts';
import { formatReplaced } from '../fencing/conflicts.ts';
import { fence } from '../fencing/fence.ts';
import { stage } from '../fencing/staged.ts';
import { confirmTrial } from '../fencing/trial.ts';
import { openFencePlan } from './cuts.ts';
import { chosenNamespace, readDuration, ringfenceNamespaceOption, withNamespace } from './options.ts';
import { escaped, print } from './output.ts';
import {
  fencingPorts,
  type Person,
  type PersonOptions,
  printReport,
  readConfig,
  requirePerson,
  terminalPerson,
  withCluster,
  withPersonOptions,
} from './person.ts';
import { readPlanned } from './planned.ts';
import { type Mode, refuseUnused } from './unused.ts';

/** The arguments of `ringfence fence`. */
interface FenceArguments extends PersonOptions {
  readonly namespace?: string;
  readonly unlabelled?: boolean;
  readonly replace?: boolean;
  readonly keep?: string;
  readonly trial?: number;
  readonly watch: boolean;
  readonly confirm?: boolean;
  readonly stage?: boolean;
  readonly planned?: string;
  readonly acceptCuts?: boolean;
  readonly observed?: readonly string[];
  readonly config?: string;
  readonly ringfenceNamespace: string;
}

const fenceModes: readonly Mode<FenceArguments>[] = [
  { chosen: ({ trial }) => trial === undefined, unused: ['watch'], because: 'only --trial watches the Pods' },
  {
    chosen: ({ confirm }) => confirm === true,
    unused: ['unlabelled', 'acceptCuts', 'observed'],
    because: 'to confirm, no plan is made and no label is judged',
  },
  {
    chosen: ({ stage: isStaged }) => isStaged === true,
    unused: ['acceptCuts', 'observed', 'timeout'],
    because: 'what is staged cuts nothing, and nobody waits for it',
  },
];

/** `ringfence fence`: puts an existing namespace behind its baseline. */
export function fenceCommand(environment: Environment, person: Person = terminalPerson): Command {
  return refuseUnused(withPersonOptions(withNamespace(new Command('fence')), 'for the baseline', 30), fenceModes)
    .description(
      'mark an existing namespace as fenced and wait for its baseline; exit code 0: fenced, 1: refused, 2: could not be done',
    )
    .option('--unlabelled', 'fence it even if it lacks required labels')
    .option(
      '--replace',
      'let the baseline replace NetworkPolicies that have its names and other specifications; they are printed first',
    )
    .addOption(
      new Option('--keep <file>', 'new file for what is replaced; implies --replace').implies({ replace: true }),
    )
    .addOption(
      new Option('--trial <duration>', 'open the wall again after this time (90s, 15m, 2h), unless it is confirmed')
        .argParser(readDuration)
        .conflicts('replace'),
    )
    .option('--no-watch', 'with --trial: return when the wall is up, and do not watch the Pods')
    .addOption(
      new Option('--confirm', 'confirm the trial of a fenced namespace: its wall stays').conflicts([
        'trial',
        'replace',
      ]),
    )
    .addOption(
      new Option(
        '--stage',
        'where Calico serves staged policies: put the baseline beside the traffic, which only records what it would deny',
      ).conflicts(['trial', 'confirm', 'replace']),
    )
    .addOption(
      new Option(
        '--planned <folder>',
        'folder of ringfence plan --write: stage its policies for the namespace too',
      ).implies({ stage: true }),
    )
    .option('--accept-cuts', 'fence it even if the plan knows of flows that this cuts, or cannot be made')
    .option(
      '--observed <file...>',
      'flow logs of the network plugin that the plan reads too, also compressed; - for standard input; with --trial, what comes then is followed',
    )
    .option('--config <file>', 'configuration file (YAML), instead of the ConfigMap in the cluster')
    .addOption(ringfenceNamespaceOption(environment))
    .action(async (argument: string | undefined, options: FenceArguments) => {
      const namespace = chosenNamespace(argument, options.namespace);
      // To confirm is the answer to the question already.
      if (options.confirm !== true) requirePerson(options, person);
      if (options.observed?.includes('-') && options.yes !== true)
        throw new Error('standard input is the flow log, so nobody can answer the question; use --yes');
      const planned = await readPlanned(options.planned, namespace);
      await withCluster(options, environment, async (cluster, now) => {
        const config = await readConfig(cluster, options);
        const { unlabelled = false, replace = false, acceptCuts = false, dryRun = false } = options;
        const { timeout, ringfenceNamespace } = options;
        const timeoutMs = timeout * 1000;
        const trial = options.trial === undefined ? undefined : { lastsMs: options.trial, isFollowed: options.watch };
        const wanted = { unlabelled, replace, acceptCuts, trial, dryRun, timeoutMs, ownNamespace: ringfenceNamespace };
        let isPrinted = false;
        const keep = async (objects: readonly object[]): Promise<void> => {
          const text = formatReplaced(objects);
          // An existing file is never overwritten: it may contain what an earlier run kept.
          if (options.keep !== undefined) await writeFile(options.keep, text, { flag: 'wx' });
          else if (options.output === 'text') {
            // Nothing is done yet. Where nobody reads what is kept, nothing must be replaced.
            process.exitCode = 2;
            await print(escaped(text));
            isPrinted = true;
          }
        };
        const isFollowed = trial?.isFollowed === true;
        const plan = await openFencePlan(namespace, { ...options, isFollowed }, config, environment);
        const ports = { ...fencingPorts(cluster, options, person), keep, now, cuts: plan.cuts, follow: plan.follow };
        const report = options.confirm
          ? await confirmTrial(namespace, wanted, ports, config)
          : options.stage
            ? await stage(namespace, { ...wanted, planned }, { ...ports, objects: objects(cluster) }, config)
            : await fence(namespace, wanted, ports, config);
        // Standard output already contains a manifest, so the report goes to standard error.
        await printReport(report, options, isPrinted ? 'stderr' : 'stdout');
      });
    });
}
