import { readNamespace } from '../baseline/namespace.ts';
import { fenceMark } from '../policy/mode.ts';
import { locationOf, stepOf } from './locations.ts';
import type { FencingPorts } from './ports.ts';
import { ask, type Journal, type Report, report, Stop } from './report.ts';
import { requireRights } from './rights.ts';
import { lookAtNamespace, readExisting } from './scenery.ts';
import { takeDown } from './take-down.ts';
import { type Target, targetsOf } from './targets.ts';

export interface UnfenceOptions {
  /** Only the mark goes. */
  readonly keepBaseline: boolean;
  readonly dryRun: boolean;
  /** Milliseconds without any step forward after which it is given up. */
  readonly timeoutMs: number;
}

/**
 * Takes the mark off a namespace and, unless told otherwise, what is ours of its baseline: what
 * others manage too is left, and named.
 */
export async function unfence(name: string, options: UnfenceOptions, ports: FencingPorts): Promise<Report> {
  const { dryRun } = options;
  return report({ command: 'unfence', namespace: name, dryRun }, async (journal) => {
    const namespace = await readExisting(ports.objects, name);
    if (readNamespace(namespace).terminating)
      throw new Stop('refused', `namespace ${name} is being deleted, and its baseline goes with it`);
    const purpose = { labels: [fenceMark], remove: !options.keepBaseline, release: false };
    const look = () => lookAtNamespace(ports.objects, { name, uid: namespace.metadata.uid, labels: purpose.labels });
    const targets = targetsOf(await look(), purpose);
    const due = targets.filter(({ action, isGoing }) => action !== 'leave' || isGoing);
    if (due.length === 0) {
      note(targets, journal);
      return { outcome: 'unchanged', messages: [`namespace ${name} is not fenced; there is nothing to remove`] };
    }
    await requireRights(
      due.map((target) => ({ ...target, verb: target.action === 'delete' ? 'delete' : 'patch' })),
      ports,
    );
    const cautions = options.keepBaseline
      ? ['After this, nobody repairs the baseline, and everyone who may edit NetworkPolicies may edit it.']
      : [`Every Pod of ${name} is then open to all traffic that its other NetworkPolicies do not restrict.`];
    if (dryRun) {
      await tryMark(due, ports);
      note(targets, journal);
      return { messages: cautions };
    }
    await ask(ports, {
      title: `unfence namespace ${name}`,
      steps: targets.map((target) => stepOf(target.action, target, target.detail)),
      cautions,
    });
    const { timeoutMs: stallMs } = options;
    await takeDown({ ...purpose, look, stallMs, isGuardGone: false }, ports, journal);
    return { messages: [`namespace ${name} is no longer fenced. To fence it again: ringfence fence ${name}`] };
  });
}

/**
 * Has the API server, and its webhooks, judge what they can judge before it is done. (The baseline
 * is guarded as long as the mark is there.)
 */
async function tryMark(targets: readonly Target[], { objects, progress }: FencingPorts): Promise<void> {
  const onWarning = (text: string): void => progress(`warning: ${text}`);
  for (const target of targets)
    if (target.action === 'unmark')
      await objects.patchMetadata(locationOf(target), target.patch ?? {}, { dryRun: true, onWarning });
}

function note(targets: readonly Target[], journal: Journal): void {
  for (const target of targets) journal.write(stepOf(target.action, target, target.detail));
}
