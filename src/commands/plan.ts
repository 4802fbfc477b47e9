import process from 'node:process';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Environment } from '../config/environment.ts';
import { whyExempt } from '../fencing/candidate.ts';
import type { Observation } from '../flows/record.ts';
import { requirePlannable } from '../library/plan.ts';
import { type Range, readCidr } from '../network/address.ts';
import { notesOfLog } from '../plan/log-notes.ts';
import { formatOverview, overviewOf } from '../plan/overview.ts';
import type { Planner } from '../plan/plan.ts';
import { planData } from '../plan/plan-data.ts';
import { formatPlan, formatProof, formatProofs, observedLines } from '../plan/plan-text.ts';
import { prove } from '../plan/proof.ts';
import type { Proven } from '../plan/pull-request.ts';
import { byText } from '../plan/text-order.ts';
import { agree, countOf } from '../wording/number.ts';
import { applyStrict, printNotes } from './desk.ts';
import {
  chosenNamespace,
  excludeOption,
  offlineConfig,
  ringfenceNamespaceOption,
  withClusterOptions,
  withNamespace,
} from './options.ts';
import { note, print, printable } from './output.ts';
import { verifyFolder, type WrittenFiles, writePlans } from './plan-files.ts';
import { type OpenedPlanner, openPlanner, type PlanSourceOptions } from './plan-source.ts';
import { fileModes, type Mode, refuseUnused } from './unused.ts';

/** The arguments of `ringfence plan`. */
interface PlanOptions extends PlanSourceOptions {
  readonly namespace?: string;
  readonly output: 'text' | 'json';
  readonly strict?: boolean;
  readonly verify?: string;
  readonly all?: boolean;
}

const planModes: readonly Mode<PlanOptions>[] = [
  ...fileModes.map(
    (mode): Mode<PlanOptions> => ({
      ...mode,
      chosen: (options, args) => options.verify === undefined && mode.chosen(options, args),
    }),
  ),
  {
    chosen: ({ verify: folder }) => folder !== undefined,
    unused: [
      ...(['filename', 'exclude', 'observed', 'podCidr', 'peers', 'external', 'ephemeral'] as const),
      ...(['kubeconfig', 'context', 'namespace', 'all', 'write', 'strict'] as const),
    ],
    because: '--verify reads the namespaces from plan.json, and the policies from the files beside it',
  },
  {
    chosen: ({ verify: folder, config }) => folder !== undefined && config === undefined,
    unused: ['ringfenceNamespace'],
    because: 'without --config, --verify uses the baselines of plan.json',
  },
];

/** `ringfence plan`: shows what a fence would cut, and the policies that keep what is lawful. */
export function planCommand(environment: Environment): Command {
  return refuseUnused(withClusterOptions(withNamespace(new Command('plan')), 'of the live cluster'), planModes)
    .description(
      'show which flows a fence on a namespace would cut, and the policies that keep what is lawful; exit code 0: answered, 2: could not run',
    )
    .option('-f, --filename <path...>', 'files and folders, or - for standard input; the default is the live cluster')
    .addOption(excludeOption())
    .option('--observed <file...>', 'flow logs of the network plugin, also compressed; - for standard input')
    .option(
      '--config <file>',
      'configuration file (YAML), instead of the ConfigMap in the cluster, or with -f of the built-in configuration; with --verify: hold the plan to the baselines of this configuration',
    )
    .addOption(ringfenceNamespaceOption(environment))
    .option(
      '--pod-cidr <cidr>',
      'network of the Pods, may be repeated; the default is the private networks',
      collectCidr,
    )
    .addOption(
      new Option('--peers <how>', 'name peers in other namespaces by the name or by the identity of the namespace')
        .choices(['name', 'identity'])
        .default('name'),
    )
    .addOption(new Option('--external <how>', 'also write the blocks of addresses that have no name').choices(['cidr']))
    .option('--ephemeral', 'also write ports from 32768 that nothing declares')
    .addOption(new Option('-o, --output <format>', 'output format').choices(['text', 'json']).default('text'))
    .option('--write <folder>', 'write the policies, a text for each team, and plan.json with the proof')
    .option(
      '--verify <folder>',
      'check that the files of a folder do what its plan.json says; exit code 1: they do not',
    )
    .option('--all', 'every namespace: a table, worst first, and an order in which they can be fenced')
    .option('--strict', 'exit with 1 if something was overlooked, in the objects or in the flow logs')
    .action(async (argument: string | undefined, options: PlanOptions) => {
      refuseContradictions(argument, options);
      if (options.verify !== undefined) {
        await verify(options.verify, options);
        return;
      }
      const opened = await openPlanner(options, environment);
      const { observation, planner } = opened;
      const ofLog = observation === undefined ? [] : notesOfLog(observation, planner.leftOut);
      const notes = [...opened.notes, ...ofLog];
      // The text has all that is said of the log. Data, and a failure, need a sentence beside them.
      const isSaid = options.output === 'text' && options.strict !== true;
      printNotes([...opened.notes, ...(isSaid ? [] : ofLog.filter(({ overlooked }) => overlooked))]);
      applyStrict(options, notes);
      if (options.all === true) await planAll({ ...opened, notes }, options);
      else await planOne(chosenNamespace(argument, options.namespace), { ...opened, notes }, options);
    });
}

function refuseContradictions(argument: string | undefined, { namespace, all, verify }: PlanOptions): void {
  const isNamed = argument !== undefined || namespace !== undefined;
  if (all === true && isNamed) throw new Error('--all is about every namespace: name none');
  if (verify !== undefined && argument !== undefined)
    throw new Error('--verify reads the namespaces from plan.json: name none');
}

async function verify(folder: string, options: PlanOptions): Promise<void> {
  const { config: file, ringfenceNamespace = '' } = options;
  const config = file === undefined ? undefined : await offlineConfig(file, ringfenceNamespace);
  const differences = await verifyFolder(folder, config);
  process.exitCode = differences.length === 0 ? 0 : 1;
  if (options.output === 'json') await print(`${JSON.stringify({ folder, differences }, undefined, 2)}\n`);
  else if (differences.length === 0) await print(`${folder}: the policies do what plan.json says\n`);
  else await print(printable(`${differences.join('\n')}\n`));
}

async function planOne(
  namespace: string,
  { planner, observation, notes }: OpenedPlanner,
  options: PlanOptions,
): Promise<void> {
  requirePlannable(namespace, planner.namespaces, planner.config);
  const plan = planner.plan(namespace);
  const proof = options.write === undefined ? undefined : prove(planner, plan);
  const written = proof && (await write([{ plan, proof }], planner, observation, options));
  if (options.output === 'json') {
    const data = planData(plan, observation, planner.leftOut, notes);
    await print(`${JSON.stringify({ ...data, ...(written === undefined ? {} : { proof, written }) }, undefined, 2)}\n`);
  } else {
    const text = formatPlan(plan, observation, planner.leftOut);
    await print(printable(proof === undefined ? text : `${text}\n${formatProof(proof)}`));
  }
}

async function planAll({ planner, observation, notes }: OpenedPlanner, options: PlanOptions): Promise<void> {
  const plans = planner.namespaces.map((name) => planner.plan(name));
  const proven = options.write === undefined ? undefined : plans.map((plan) => ({ plan, proof: prove(planner, plan) }));
  const written = proven && (await write(proven, planner, observation, options));
  const { config, fenced, world } = planner;
  const exempt = [...world.namespaces.keys()].sort(byText).flatMap((namespace) => {
    const reason = whyExempt(namespace, config);
    return reason === undefined ? [] : [{ namespace, reason }];
  });
  const overview = overviewOf(plans, fenced, world.namespaces, config.taxonomy.required.Namespace, exempt);
  if (options.output === 'json') {
    const all = (proven ?? plans.map((plan) => ({ plan }))).map(({ plan, ...proof }) => ({
      ...planData(plan, observation, planner.leftOut, []),
      ...proof,
    }));
    await print(`${JSON.stringify({ ...overview, plans: all, notes, ...(written && { written }) }, undefined, 2)}\n`);
  } else {
    const lines = observedLines(observation, planner.leftOut);
    const proofs = proven === undefined ? '' : `\n${formatProofs(proven)}`;
    await print(printable(`${formatOverview(overview)}\n${lines.join('\n')}\n${proofs}`));
  }
}

async function write(
  proven: readonly Proven[],
  planner: Planner,
  observation: Observation | undefined,
  options: PlanOptions,
): Promise<WrittenFiles> {
  const { write: folder = '', filename = [], observed } = options;
  const written = await writePlans(folder, proven, planner, {
    manifests: filename.length === 0 ? 'the live cluster' : filename.join(', '),
    logs: observed?.join(', '),
    window: observation?.window,
  });
  for (const line of written.findings) note(line);
  const missing = proven.flatMap(({ proof }) => proof.missing);
  if (missing.length > 0) throw new Error(`the written policies do not keep what they should: ${missing.join(', ')}`);
  if (written.isRefused) process.exitCode ||= 1;
  note(
    `${countOf(written.files.length, 'file')} ${agree(written.files.length, 'is', 'are')} in ${folder}; ringfence plan --verify ${folder} holds them to the plan`,
  );
  return written;
}

function collectCidr(text: string, others: readonly Range[] = []): readonly Range[] {
  const range = readCidr(text);
  if (range === undefined) throw new InvalidArgumentError('a CIDR such as 10.244.0.0/16 is needed.');
  return [...others, range];
}
