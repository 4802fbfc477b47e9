import { reservedNames } from '../baseline/names.ts';
import { type NamespaceView, readNamespace } from '../baseline/namespace.ts';
import { asOf, isClosed, isStanding, trialAnnotation } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { fenceMark } from '../policy/mode.ts';
import { namespaceKind, stepOf } from './locations.ts';
import type { StoredObject } from './ports.ts';
import { isPassing, isRefusal, type Journal, type Outcome, type Report, report, Stop, said } from './report.ts';
import { lookAtNamespace, namespaceLocation, networkPolicyLocation, readExisting } from './scenery.ts';
import { clearStaged, lookAtStaged } from './staged-standing.ts';
import { isTrue, lookAtBaseline } from './standing.ts';
import { takeDown } from './take-down.ts';
import type { TrialWatch, WatchPorts } from './trial-watch.ts';
import { type ExplainWait, type WaitOptions, waitUntilTrue } from './wait.ts';

/** How often a running trial is looked at. A look costs three lists at most. */
const watchMs = 2_000;

/** The pause between two looks at a wall that is being opened. */
const openPollMs = 200;

/** The end of a command that changed a namespace. */
type Ending = Pick<Report, 'messages'> & { readonly outcome?: Outcome };

/**
 * Confirms the trial of a namespace: its wall stays. Waits until the wall names no end any more.
 */
export async function confirmTrial(
  name: string,
  options: WaitOptions & { readonly dryRun: boolean },
  ports: WatchPorts,
  config: Config,
): Promise<Report> {
  const { dryRun } = options;
  return report({ command: 'fence', namespace: name, dryRun }, async (journal) => {
    const namespace = await readExisting(ports.objects, name);
    const { fenced, trialUntil, isTrialOver } = asOf(readNamespace(namespace), ports.now());
    if (isTrialOver)
      throw new Stop('refused', `${explainOver(name, trialUntil)}. To fence it again: ringfence fence ${name}`);
    if (!fenced) throw new Stop('refused', `namespace ${name} is not fenced; there is no trial to confirm`);
    if (trialUntil === undefined) {
      const isWritten = isTrue(await lookAtBaseline(namespace, ports, config));
      // An earlier confirmation may have ended before the wall said so.
      if (!isWritten && !dryRun) await waitUntilTrue(namespace, options, ports, config, explainUnwritten(name));
      return { outcome: 'unchanged', messages: [`namespace ${name} is fenced and not on trial`] };
    }
    const { uid, resourceVersion } = namespace.metadata;
    const change = { uid, resourceVersion, annotations: { [trialAnnotation]: null } };
    const onWarning = (text: string): void => ports.progress(`warning: ${text}`);
    await ports.objects.patchMetadata(namespaceLocation(name), change, { dryRun, onWarning });
    journal.write(
      stepOf('confirm', { kind: namespaceKind, object: namespace }, `without an end (it was ${trialUntil})`),
    );
    if (dryRun) return { messages: [] };
    await waitUntilTrue(namespace, options, ports, config, explainUnwritten(name));
    const rest = await clearStaged(await lookAtStaged(name, ports), ports, journal);
    return { messages: [confirmed(name), ...rest] };
  });
}

/**
 * Throws {@link Stop} where a fence, with or without a trial, would change what is there already.
 */
export function requireNoOtherTrial(
  { name, fenced, trialUntil }: NamespaceView,
  isTrial: boolean,
  found: readonly (StoredObject | undefined)[],
): void {
  if (fenced && trialUntil !== undefined && !isTrial)
    throw new Stop(
      'refused',
      `namespace ${name} is on trial until ${trialUntil}. To keep its wall: ringfence fence ${name} --confirm`,
    );
  if (!isTrial || (fenced && trialUntil !== undefined)) return;
  if (fenced) throw new Stop('refused', `namespace ${name} is fenced already; a trial would open its wall at the end`);
  const closed = found.filter(isClosed).map(({ metadata }) => metadata.name ?? '');
  if (closed.length > 0)
    throw new Stop(
      'refused',
      `namespace ${name} has ${closed.join(' and ')} already; a trial would open what was there before. Fence it without --trial`,
    );
}

/**
 * Follows a trial until it is confirmed or over, and tells how the namespace fares. At the end it
 * removes the mark and the baseline with the rights of the person. Without it, Ringfence opens the
 * wall all the same.
 */
export async function followTrial(
  namespace: StoredObject,
  options: WaitOptions,
  watch: TrialWatch,
  ports: WatchPorts,
  config: Config,
  journal: Journal,
): Promise<Ending> {
  const { name = '', uid } = namespace.metadata;
  let told: string | undefined;
  for (;;) {
    let leftMs = watchMs;
    try {
      const found = await readExisting(ports.objects, name);
      if (found.metadata.uid !== uid)
        throw new Stop('failed', `namespace ${name} has been deleted and created again in the meantime`);
      const { fenced, trialUntil, isTrialOver } = asOf(readNamespace(found), ports.now());
      if (isTrialOver && trialUntil !== undefined)
        return await takeBack(found, trialUntil, { ...options, watch }, ports, journal);
      if (!fenced) throw new Stop('refused', `somebody has removed the mark of namespace ${name} during its trial`);
      if (trialUntil === undefined) {
        await waitUntilTrue(namespace, options, ports, config, explainUnwritten(name));
        return { messages: [confirmed(name), ...(await watch.fared())] };
      }
      if (trialUntil !== told)
        ports.progress(
          `namespace ${name} is on trial until ${trialUntil}, with or without this command. To keep its wall: ringfence fence ${name} --confirm`,
        );
      told = trialUntil;
      leftMs = Date.parse(trialUntil) - ports.now();
      await watch.look();
    } catch (error) {
      if (!isPassing(error)) throw error;
      ports.progress(`again: ${said(error)}`);
    }
    await ports.clock.sleep(Math.min(watchMs, Math.max(leftMs, 0)));
  }
}

/**
 * Removes the mark and the baseline of a namespace whose trial until `trialUntil` is over, or was
 * broken off. If somebody confirms or prolongs it in the meantime, nothing is removed.
 */
export async function takeBack(
  namespace: StoredObject,
  trialUntil: string,
  { timeoutMs, watch }: WaitOptions & { readonly watch: Pick<TrialWatch, 'fared'> },
  ports: WatchPorts,
  journal: Journal,
): Promise<Ending> {
  const { name = '', uid } = namespace.metadata;
  const labels = [fenceMark];
  const look = async () => {
    const scene = await lookAtNamespace(ports.objects, { name, uid, labels });
    const [marked] = scene.marked;
    if (marked !== undefined && readNamespace(marked).trialUntil !== trialUntil)
      throw new Stop('unchanged', `somebody has confirmed or prolonged the trial of namespace ${name}`);
    return scene;
  };
  const fared = await watch.fared();
  const again = `To fence it again: ringfence fence ${name}`;
  try {
    await takeDown(
      { labels, remove: true, release: false, look, stallMs: timeoutMs, isGuardGone: false },
      ports,
      journal,
    );
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await waitUntilOpen(name, timeoutMs, ports);
    const rest = `The mark and the opened policies stay, because you may not remove them: ${said(error)}`;
    return { outcome: 'ended', messages: [`${explainOver(name, trialUntil)}. ${again}`, rest, ...fared] };
  }
  return {
    outcome: 'ended',
    messages: [`the trial of namespace ${name} was not confirmed: it is no longer fenced. ${again}`, ...fared],
  };
}

/** Waits until Ringfence has opened the wall. Throws {@link Stop} if it does not in time. */
async function waitUntilOpen(name: string, timeoutMs: number, { objects, clock }: WatchPorts): Promise<void> {
  const endsAt = clock.uptime() + timeoutMs;
  for (;;) {
    const found = await Promise.all(reservedNames.map((policy) => objects.get(networkPolicyLocation(name, policy))));
    if (!found.some((policy) => isStanding(policy))) return;
    if (clock.uptime() >= endsAt)
      throw new Stop(
        'failed',
        `the trial of namespace ${name} is over, but its wall still stands. Is Ringfence running?`,
      );
    await clock.sleep(openPollMs);
  }
}

function explainOver(name: string, trialUntil: string | undefined): string {
  return `the trial of namespace ${name} ended at ${trialUntil ?? ''}, and its wall is open`;
}

/** The namespace has no end any more, so its wall stays, whatever the wall says of it. */
function explainUnwritten(name: string): ExplainWait {
  return (missing, { timeoutMs, ownNamespace }) =>
    [
      `the trial of namespace ${name} is confirmed and its wall stays, but after ${timeoutMs / 1000} s Ringfence has not written that to its baseline: ${missing}`,
      `See that Ringfence runs (kubectl get pods --namespace ${ownNamespace}), and then wait for it again: ringfence fence ${name} --confirm`,
    ].join('\n');
}

function confirmed(name: string): string {
  return `namespace ${name} is fenced, and its wall stays. To remove the fence: ringfence unfence ${name}`;
}
