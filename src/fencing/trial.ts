import { type NamespaceView, readNamespace } from '../baseline/namespace.ts';
import { asOf, isClosed, trialAnnotation } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { namespaceKind, stepOf } from './locations.ts';
import { type Judgement, writeNamespace } from './namespace-write.ts';
import type { StoredObject } from './ports.ts';
import { isPassing, type Journal, type Report, report, Stop, said } from './report.ts';
import { readExisting } from './scenery.ts';
import { clearStaged, lookAtStaged } from './staged-standing.ts';
import { isTrue, lookAtBaseline } from './standing.ts';
import { type Ending, endTrial, explainOver, withoutCommand } from './trial-end.ts';
import type { TrialWatch, WatchPorts } from './trial-watch.ts';
import { type ExplainWait, type WaitOptions, waitUntilTrue } from './wait.ts';

/** How often a running trial is looked at. A look costs three lists at most. */
const watchMs = 2_000;

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
    const { isOurs, trialUntil } = await writeNamespace<Confirmation>(
      {
        namespace,
        dryRun,
        judge: (found, lost) => judgeConfirmation(found, lost, ports.now()),
        explainUnknown: (lost) => [
          `it is not known whether the trial of namespace ${name} is confirmed. Unless it is, its wall opens at ${lost.trialUntil}`,
          `Confirm it again: ringfence fence ${name} --confirm`,
        ],
      },
      ports,
    );
    if (!isOurs) {
      const isWritten = isTrue(await lookAtBaseline(await readExisting(ports.objects, name), ports, config));
      // An earlier confirmation may have ended before the wall said so.
      if (!isWritten && !dryRun) await waitUntilTrue(namespace, options, ports, config, explainUnwritten(name));
      return { outcome: 'unchanged', messages: [`namespace ${name} is fenced and not on trial`] };
    }
    journal.write(
      stepOf('confirm', { kind: namespaceKind, object: namespace }, `without an end (it was ${trialUntil})`),
    );
    if (dryRun) return { messages: [] };
    await waitUntilTrue(namespace, options, ports, config, explainUnwritten(name));
    const rest = await clearStaged(await lookAtStaged(name, ports), ports, journal);
    return { messages: [confirmed(name), ...rest] };
  });
}

interface Confirmation {
  /** Whether this command has removed the end. */
  readonly isOurs: boolean;
  readonly trialUntil?: string;
}

function judgeConfirmation(
  namespace: StoredObject,
  lost: readonly Confirmation[],
  now: number,
): Judgement<Confirmation> {
  const { name, fenced, trialUntil, isTrialOver } = asOf(readNamespace(namespace), now);
  if (isTrialOver)
    throw new Stop('refused', `${explainOver(name, trialUntil)}. To fence it again: ringfence fence ${name}`);
  if (!fenced) throw new Stop('refused', `namespace ${name} is not fenced; there is no trial to confirm`);
  if (trialUntil === undefined) return { result: lost[0] ?? { isOurs: false } };
  return { result: { isOurs: true, trialUntil }, patch: { annotations: { [trialAnnotation]: null } } };
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
 * Follows a trial until it is confirmed or over, and tells how the namespace fares. Then it ends
 * the trial. Without it, Ringfence opens the wall all the same.
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
  /** The end of the trial, once it has passed. From then on this command removes the mark. */
  let over: string | undefined;
  for (;;) {
    let leftMs = watchMs;
    try {
      if (over === undefined) {
        const found = await readExisting(ports.objects, name);
        if (found.metadata.uid !== uid)
          throw new Stop('failed', `namespace ${name} has been deleted and created again in the meantime`);
        const { fenced, trialUntil, isTrialOver } = asOf(readNamespace(found), ports.now());
        if (isTrialOver) over = trialUntil;
        else if (!fenced)
          throw new Stop('refused', `somebody has removed the mark of namespace ${name} during its trial`);
        else if (trialUntil === undefined) {
          told = undefined;
          await waitUntilTrue(namespace, options, ports, config, explainUnwritten(name));
          return { messages: [confirmed(name), ...(await watch.fared())] };
        } else {
          if (trialUntil !== told)
            ports.progress(
              `namespace ${name} is on trial until ${trialUntil}, with or without this command. To keep its wall: ringfence fence ${name} --confirm`,
            );
          told = trialUntil;
          leftMs = Date.parse(trialUntil) - ports.now();
          await watch.look();
        }
      }
      if (over !== undefined) {
        const { outcome, messages } = await endTrial({ ...options, namespace, trialUntil: over }, ports, journal);
        return { ...(outcome && { outcome }), messages: [...messages, ...(await watch.fared())] };
      }
    } catch (error) {
      if (!isPassing(error)) throw withoutCommand(name, over ?? told, error);
      ports.progress(`again: ${said(error)}`);
    }
    await ports.clock.sleep(Math.min(watchMs, Math.max(leftMs, 0)));
  }
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
