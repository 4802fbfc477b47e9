import { webhookConfigurationName } from '../admission/webhooks.ts';
import { readNamespace } from '../baseline/namespace.ts';
import { asOf, trialAnnotation } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { fenceMark, replaceMark } from '../policy/mode.ts';
import { apiCode } from '../retry/answer.ts';
import { asFile, explainConflicts } from './conflicts.ts';
import { type Cuts, weighCuts } from './cuts.ts';
import { endOf, explainRefusal, type Marked, mark, requireCandidate } from './fence-mark.ts';
import { type Found, locationOf, namespaceKind, stepOf, webhookConfigurationKinds } from './locations.ts';
import type { FencingPorts, StoredObject } from './ports.ts';
import { ask, type Journal, type Report, report, Stop } from './report.ts';
import { readExisting } from './scenery.ts';
import { clearStaged, lookAtStaged, weighStaged } from './staged-standing.ts';
import { conflictsIn, isTrue, lookAtBaseline } from './standing.ts';
import { followTrial, requireNoOtherTrial } from './trial.ts';
import { breakOff, explainUnmade, withoutCommand } from './trial-end.ts';
import { type WatchPorts, watchTrial } from './trial-watch.ts';
import { type WaitOptions, waitUntilTrue } from './wait.ts';

export interface FenceOptions extends WaitOptions {
  /** Whether to fence a namespace although its labels are missing or wrong. */
  readonly unlabelled: boolean;
  /** Whether the baseline may replace NetworkPolicies that have its names but differ from it. */
  readonly replace: boolean;
  /** The fence takes itself back unless it is confirmed in time; undefined if it just stays. */
  readonly trial?: TrialOptions | undefined;
  /** Whether to fence although the plan knows of flows that this cuts, or cannot be made. */
  readonly acceptCuts: boolean;
  readonly dryRun: boolean;
}

export interface TrialOptions {
  /** Milliseconds from the mark to the end of the trial. */
  readonly lastsMs: number;
  /** Whether to follow the trial to its end. */
  readonly isFollowed: boolean;
}

/** The ports of `fence`. */
export interface FencePorts extends WatchPorts {
  /** Stores manifests of objects before the objects are replaced. Throws if it cannot. */
  readonly keep: (objects: readonly object[]) => Promise<void>;
  /** Asks the plan what a fence would cut. Throws an Error for a person if it cannot be made. */
  readonly cuts: () => Promise<Cuts>;
}

/**
 * Marks an existing namespace and waits until Ringfence has made its baseline correct. A user's
 * NetworkPolicy with a name of the baseline is replaced only if the options allow it. It is stored
 * first.
 */
export async function fence(name: string, options: FenceOptions, ports: FencePorts, config: Config): Promise<Report> {
  const { dryRun, trial } = options;
  return report({ command: 'fence', namespace: name, dryRun }, async (journal) => {
    const namespace = await readExisting(ports.objects, name);
    requireCandidate(namespace, options, config);
    await requireRingfence(ports);
    const standing = await lookAtBaseline(namespace, ports, config);
    const view = asOf(readNamespace(namespace), ports.now());
    const found = standing.map((one) => one.found);
    requireNoOtherTrial(view, trial !== undefined, found);
    const { fenced } = view;
    if (fenced && trial === undefined && isTrue(standing)) {
      for (const { step } of standing) journal.write({ ...step, action: 'leave', detail: 'true' });
      return { outcome: 'unchanged', messages: [`namespace ${name} is already fenced, and its baseline is correct`] };
    }
    const isMarking = !fenced || trial !== undefined;
    const staged = await lookAtStaged(name, ports);
    const conflicts = conflictsIn(standing);
    const value = conflicts.length > 0 ? replaceMark : 'true';
    const marking = (until: string | undefined) => stepOf('mark', asFound(namespace), describeMark(value, until));
    const steps = [...(isMarking ? [marking(endOf(trial, ports))] : []), ...standing.map(({ step }) => step)];
    const noteSteps = () => {
      for (const step of steps) journal.write(step);
    };
    // In a namespace that is already fenced, Ringfence corrects the baseline without this command.
    if (!fenced && conflicts.length > 0 && !options.replace) {
      if (dryRun) noteSteps();
      throw new Stop('refused', explainRefusal(conflicts));
    }
    const cuts = async (): Promise<Cuts> => {
      const found = await ports.cuts();
      journal.doubt(found.undecided);
      return found;
    };
    const told = fenced
      ? []
      : [...weighStaged(staged, name, options.acceptCuts), ...(await weighCuts(name, cuts, options.acceptCuts))];
    const cautions = [
      ...(conflicts.length > 0 ? [explainConflicts(conflicts)] : []),
      `This cuts all traffic of running Pods that no NetworkPolicy of ${name} allows.`,
      ...told,
      ...(trial === undefined
        ? []
        : [
            `After ${trial.lastsMs / 1000} s the wall opens again, unless somebody runs: ringfence fence ${name} --confirm`,
          ]),
    ];
    if (isMarking && !dryRun) await ask(ports, { title: `fence namespace ${name}`, steps, cautions });
    if (options.replace && !dryRun) await keepConflicts(namespace, ports, config, journal);
    const watch = trial?.isFollowed && !dryRun ? await watchTrial(name, ports, journal) : undefined;
    const carryOut = async () => {
      const { until, isOurs } = isMarking ? await mark({ namespace, view, value }, options, ports, config) : unmarked;
      if (dryRun) {
        noteSteps();
        return { messages: cautions };
      }
      if (isOurs) journal.write(marking(until));
      try {
        await waitUntilTrue(namespace, options, ports, config, until === undefined ? undefined : explainUnmade(name));
      } catch (error) {
        if (until === undefined) throw error;
        if (!(error instanceof Stop)) throw withoutCommand(name, until, error);
        const messages = await breakOff({ ...options, namespace, trialUntil: until }, ports, journal);
        throw new Stop('failed', [error.message, ...messages].join('\n'));
      }
      for (const { step } of standing) journal.write(step);
      const rest = until === undefined ? await clearStaged(staged, ports, journal) : [];
      if (until === undefined)
        return { messages: [`namespace ${name} is fenced. To remove the fence: ringfence unfence ${name}`, ...rest] };
      if (watch === undefined)
        return {
          messages: [`namespace ${name} is fenced until ${until}. To keep its wall: ringfence fence ${name} --confirm`],
        };
      return followTrial(namespace, options, watch, ports, config, journal);
    };
    try {
      return await carryOut();
    } catch (error) {
      // The watch ends too: it reads a pipe, which would keep the process alive.
      for (const line of (await watch?.fared()) ?? []) ports.progress(line);
      throw error;
    }
  });
}

const unmarked: Marked = { until: undefined, isOurs: false };

function asFound(object: StoredObject): Found {
  return { kind: namespaceKind, object };
}

function describeMark(value: string, until: string | undefined): string {
  return `${fenceMark}=${value}${until === undefined ? '' : `, ${trialAnnotation}=${until}`}`;
}

/**
 * Stores the objects that the baseline is about to replace. They are read again, because somebody
 * may have changed them while the command waited for an answer.
 */
async function keepConflicts(
  namespace: StoredObject,
  ports: FencePorts,
  config: Config,
  journal: Journal,
): Promise<void> {
  const files = conflictsIn(await lookAtBaseline(namespace, ports, config)).map(({ found }) => asFile(found));
  if (files.length === 0) return;
  await ports.keep(files);
  journal.keep(files);
}

/** Throws {@link Stop} if Ringfence is not installed, because the mark would have no effect. */
async function requireRingfence({ objects }: FencingPorts): Promise<void> {
  for (const kind of webhookConfigurationKinds)
    try {
      const found = await objects.get(locationOf({ kind, object: { metadata: { name: webhookConfigurationName } } }));
      if (found === undefined)
        throw new Stop(
          'failed',
          `nothing was changed: Ringfence is not running here (there is no ${kind.kind} ${webhookConfigurationName})`,
        );
    } catch (error) {
      // A person may be allowed to fence but not to read these. Then the wait shows whether
      // Ringfence runs.
      if (apiCode(error) !== 403) throw error;
    }
}
