import { webhookConfigurationName } from '../admission/webhooks.ts';
import { readNamespace } from '../baseline/namespace.ts';
import { asOf, formatTrialTime, trialAnnotation } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { own } from '../kubernetes/raw-object.ts';
import { fenceMark, replaceMark } from '../policy/mode.ts';
import { apiCode } from '../retry/answer.ts';
import { findObstacle } from './candidate.ts';
import { asFile, type Conflict, explainConflicts } from './conflicts.ts';
import { type Cuts, weighCuts } from './cuts.ts';
import { type Found, locationOf, namespaceKind, stepOf, webhookConfigurationKinds } from './locations.ts';
import type { FencingPorts, StoredObject } from './ports.ts';
import { ask, type Journal, type Report, report, Stop } from './report.ts';
import { namespaceLocation, readExisting } from './scenery.ts';
import { clearStaged, lookAtStaged, weighStaged } from './staged-standing.ts';
import { conflictsIn, isTrue, lookAtBaseline } from './standing.ts';
import { followTrial, requireNoOtherTrial, takeBack } from './trial.ts';
import { type TrialWatch, type WatchPorts, watchTrial } from './trial-watch.ts';
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

/** A concurrent change of the namespace fails an attempt. Five in a row are not a coincidence. */
const markAttempts = 5;

/**
 * Marks an existing namespace and waits until Ringfence has made its baseline correct. A user's
 * NetworkPolicy with a name of the baseline is replaced only if the options allow it. It is stored
 * first.
 */
export async function fence(name: string, options: FenceOptions, ports: FencePorts, config: Config): Promise<Report> {
  const { dryRun, trial } = options;
  return report({ command: 'fence', namespace: name, dryRun }, async (journal) => {
    const namespace = await readCandidate(name, options, ports, config);
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
    const told = fenced
      ? []
      : [...weighStaged(staged, name, options.acceptCuts), ...(await weighCuts(name, ports.cuts, options.acceptCuts))];
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
      const until = isMarking ? await mark(namespace, value, options, ports, config) : undefined;
      if (dryRun) {
        noteSteps();
        return { messages: cautions };
      }
      if (isMarking) journal.write(marking(until));
      try {
        await waitUntilTrue(namespace, options, ports, config);
      } catch (error) {
        // A release that knows no trial would keep this wall for ever.
        if (until === undefined || !(error instanceof Stop)) throw error;
        const { messages } = await takeBack(namespace, until, { ...options, watch: nobody }, ports, journal);
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

const nobody: Pick<TrialWatch, 'fared'> = { fared: async () => [] };

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

function explainRefusal(conflicts: readonly Conflict[]): string {
  return [
    `nothing was changed: the baseline would replace ${conflicts.length === 1 ? 'a NetworkPolicy' : `${conflicts.length} NetworkPolicies`} of yours`,
    explainConflicts(conflicts),
    'NetworkPolicies add up: apply yours under another name and delete the old one, or have it printed and replaced: --replace',
  ].join('\n');
}

/** Reads the namespace live. Throws {@link Stop} if it cannot be fenced. */
async function readCandidate(
  name: string,
  options: FenceOptions,
  { objects }: FencingPorts,
  config: Config,
): Promise<StoredObject> {
  const namespace = await readExisting(objects, name);
  const obstacle = findObstacle(namespace, options, config);
  if (obstacle !== undefined) throw new Stop('refused', obstacle);
  return namespace;
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

/**
 * Puts the mark on a namespace, with the end of its trial. Resolves to that end; undefined without
 * a trial. If the namespace changes at the same time, it is judged again.
 */
async function mark(
  candidate: StoredObject,
  value: string,
  options: FenceOptions,
  ports: FencePorts,
  config: Config,
): Promise<string | undefined> {
  const { dryRun, trial } = options;
  const { name = '', uid } = candidate.metadata;
  let namespace = candidate;
  for (let attempt = 1; ; attempt += 1) {
    const until = endOf(trial, ports);
    const { resourceVersion, annotations } = namespace.metadata;
    // What an earlier trial has left would say when this wall opens.
    const isLeft = own(annotations, trialAnnotation) !== undefined;
    const ends = until === undefined && !isLeft ? {} : { annotations: { [trialAnnotation]: until ?? null } };
    try {
      // The uid and the resourceVersion are preconditions: only the state that was judged is
      // marked.
      await ports.objects.patchMetadata(
        namespaceLocation(name),
        { uid, resourceVersion, labels: { [fenceMark]: value }, ...ends },
        { dryRun, onWarning: (text) => ports.progress(`warning: ${text}`) },
      );
      return until;
    } catch (error) {
      if (apiCode(error) !== 409 || attempt === markAttempts) throw error;
      namespace = await readCandidate(name, options, ports, config);
    }
  }
}

function endOf(trial: TrialOptions | undefined, { now }: WatchPorts): string | undefined {
  return trial === undefined ? undefined : formatTrialTime(now() + trial.lastsMs);
}
