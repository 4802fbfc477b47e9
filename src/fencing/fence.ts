import { webhookConfigurationName } from '../admission/webhooks.ts';
import { readNamespace } from '../baseline/namespace.ts';
import type { Config } from '../config/config.ts';
import { fenceMark, replaceMark } from '../policy/mode.ts';
import { apiCode } from '../retry/answer.ts';
import { findObstacle } from './candidate.ts';
import { asFile, type Conflict, explainConflicts } from './conflicts.ts';
import { locationOf, namespaceKind, stepOf, webhookConfigurationKinds } from './locations.ts';
import type { FencingPorts, StoredObject } from './ports.ts';
import { ask, isPassing, type Journal, type Report, report, Stop, said } from './report.ts';
import { namespaceLocation, readExisting } from './scenery.ts';
import { conflictsIn, isTrue, lookAtBaseline, wordOf } from './standing.ts';

export interface FenceOptions {
  /** Whether to fence a namespace although its labels are missing or wrong. */
  readonly unlabelled: boolean;
  /** Whether the baseline may replace NetworkPolicies that have its names but differ from it. */
  readonly replace: boolean;
  readonly dryRun: boolean;
  /** Milliseconds to wait until the baseline is correct. */
  readonly timeoutMs: number;
  /** Ringfence's own namespace. The message about a timeout names it. */
  readonly ownNamespace: string;
}

/** The ports of `fence`. */
export interface FencePorts extends FencingPorts {
  /** Stores manifests of objects before the objects are replaced. Throws if it cannot. */
  readonly keep: (objects: readonly object[]) => Promise<void>;
}

/** The pause between two looks at a baseline that is being made. A look costs three reads. */
const pollMs = 200;

/** A concurrent change of the namespace fails an attempt. Five in a row are not a coincidence. */
const markAttempts = 5;

/**
 * Marks an existing namespace and waits until Ringfence has made its baseline correct. A user's
 * NetworkPolicy with a name of the baseline is replaced only if the options allow it. It is stored
 * first.
 */
export async function fence(name: string, options: FenceOptions, ports: FencePorts, config: Config): Promise<Report> {
  const { dryRun } = options;
  return report({ command: 'fence', namespace: name, dryRun }, async (journal) => {
    let namespace = await readCandidate(name, options, ports, config);
    await requireRingfence(ports);
    const standing = await lookAtBaseline(namespace, ports, config);
    const { fenced } = readNamespace(namespace);
    if (fenced && isTrue(standing)) {
      for (const { step } of standing) journal.write({ ...step, action: 'leave', detail: 'true' });
      return { outcome: 'unchanged', messages: [`namespace ${name} is already fenced, and its baseline is correct`] };
    }
    const conflicts = conflictsIn(standing);
    const value = conflicts.length > 0 ? replaceMark : 'true';
    const marking = stepOf('mark', { kind: namespaceKind, object: namespace }, `${fenceMark}=${value}`);
    const steps = [...(fenced ? [] : [marking]), ...standing.map(({ step }) => step)];
    const noteSteps = () => {
      for (const step of steps) journal.write(step);
    };
    // In a namespace that is already fenced, Ringfence corrects the baseline without this command.
    if (!fenced && conflicts.length > 0 && !options.replace) {
      if (dryRun) noteSteps();
      throw new Stop('refused', explainRefusal(conflicts));
    }
    const cautions = [
      ...(conflicts.length > 0 ? [explainConflicts(conflicts)] : []),
      `This cuts all traffic of running Pods that no NetworkPolicy of ${name} allows. Ringfence does not check which running connections will break.`,
    ];
    if (!fenced && !dryRun) await ask(ports, { title: `fence namespace ${name}`, steps, cautions });
    if (options.replace && !dryRun) await keepConflicts(namespace, ports, config, journal);
    for (let attempt = 1; !fenced; attempt += 1)
      try {
        await mark(namespace, value, dryRun, ports);
        break;
      } catch (error) {
        if (apiCode(error) !== 409 || attempt === markAttempts) throw error;
        namespace = await readCandidate(name, options, ports, config);
      }
    if (dryRun) {
      noteSteps();
      return { messages: cautions };
    }
    if (!fenced) journal.write(marking);
    await waitUntilTrue(namespace, options, ports, config);
    for (const { step } of standing) journal.write(step);
    return { messages: [`namespace ${name} is fenced. To remove the fence: ringfence unfence ${name}`] };
  });
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

async function mark(
  namespace: StoredObject,
  value: string,
  dryRun: boolean,
  { objects, progress }: FencingPorts,
): Promise<void> {
  const { name = '', uid, resourceVersion } = namespace.metadata;
  // The uid and the resourceVersion are preconditions: only the state that was judged is marked.
  await objects.patchMetadata(
    namespaceLocation(name),
    { uid, resourceVersion, labels: { [fenceMark]: value } },
    { dryRun, onWarning: (text) => progress(`warning: ${text}`) },
  );
}

async function waitUntilTrue(
  { metadata: { name = '', uid } }: StoredObject,
  options: FenceOptions,
  ports: FencingPorts,
  config: Config,
): Promise<void> {
  const { clock, progress } = ports;
  const endsAt = clock.uptime() + options.timeoutMs;
  let told = '';
  for (;;) {
    let missing: string;
    try {
      const namespace = await readExisting(ports.objects, name);
      if (namespace.metadata.uid !== uid)
        throw new Stop('failed', `namespace ${name} has been deleted and created again in the meantime`);
      if (!readNamespace(namespace).fenced)
        throw new Stop('failed', `something has removed the mark of namespace ${name} again`);
      const standing = await lookAtBaseline(namespace, ports, config);
      if (isTrue(standing)) return;
      missing = standing
        .flatMap(({ name, drift }) => (drift.length === 0 ? [] : [`${name} (${drift.map(wordOf).join(', ')})`]))
        .join(', ');
    } catch (error) {
      if (!isPassing(error)) throw error;
      missing = said(error);
    }
    if (missing !== told) progress(`waiting for ${missing}`);
    told = missing;
    if (clock.uptime() >= endsAt) throw new Stop('failed', explainWait(name, missing, options));
    await clock.sleep(pollMs);
  }
}

function explainWait(name: string, missing: string, { timeoutMs, ownNamespace }: FenceOptions): string {
  return [
    `namespace ${name} carries the mark, but after ${timeoutMs / 1000} s its baseline is not correct: ${missing}`,
    `Is Ringfence running? kubectl get pods --namespace ${ownNamespace}`,
    `When it runs, it makes the baseline. To remove the mark instead: ringfence unfence ${name}`,
  ].join('\n');
}
