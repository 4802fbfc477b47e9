import { readNamespace } from '../baseline/namespace.ts';
import { fenceMark } from '../policy/mode.ts';
import { locationOf, stepOf } from './locations.ts';
import type { FencingPorts } from './ports.ts';
import { ask, type Journal, type Report, report, Stop } from './report.ts';
import { requireRights } from './rights.ts';
import { lookAtNamespace, readExisting } from './scenery.ts';
import { findStaged, removeStaged, stagedKind, stagedStep } from './staged.ts';
import { takeDown } from './take-down.ts';
import { stayingBaseline, type Target, targetsOf } from './targets.ts';

export interface UnfenceOptions {
  /** Whether to remove only the mark. */
  readonly keepBaseline: boolean;
  readonly dryRun: boolean;
  /** Milliseconds without progress after which the command gives up. */
  readonly timeoutMs: number;
}

/**
 * Removes the mark from a namespace and, unless the options keep it, the baseline and what is
 * staged. Objects that others manage too stay, and the report names them, as it names what is
 * staged and cannot be removed: it decides nothing, and this command may be the emergency exit.
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
    const { staged, unknown } = options.keepBaseline ? { staged: [], unknown: [] } : await findStaged(ports, name);
    const planned = staged.map((object) => stagedStep('delete', object));
    if (due.length === 0 && staged.length === 0) {
      note(targets, journal);
      const staying = stayingBaseline(targets);
      if (staying.length === 0)
        return {
          outcome: 'unchanged',
          messages:
            unknown.length === 0
              ? [`namespace ${name} is not fenced; there is nothing to remove`]
              : [`namespace ${name} is not fenced`, ...unknown],
        };
      return options.keepBaseline
        ? { outcome: 'unchanged', messages: [`namespace ${name} carries no mark; there is nothing to remove`] }
        : { outcome: 'failed', messages: [...explainStaying(name, staying), ...unknown] };
    }
    await requireRights(
      [
        ...due.map((target) => ({
          ...target,
          verb: target.action === 'delete' ? ('delete' as const) : ('patch' as const),
        })),
        // What is staged decides nothing, so it stops nobody who has a wall to remove.
        ...(due.length > 0 ? [] : staged.map((object) => ({ kind: stagedKind, object, verb: 'delete' as const }))),
      ],
      ports,
    );
    const effects = options.keepBaseline
      ? ['After this, nobody repairs the baseline, and everyone who may edit NetworkPolicies may edit it.']
      : stayingBaseline(targets).length > 0
        ? explainStaying(name, stayingBaseline(targets))
        : due.length === 0
          ? ['What is staged decides nothing; after this, nobody records what it would deny.']
          : [`Every Pod of ${name} is then open to all traffic that its other NetworkPolicies do not restrict.`];
    const cautions = [...effects, ...unknown];
    if (dryRun) {
      await tryMark(due, ports);
      note(targets, journal);
      for (const step of planned) journal.write(step);
      return { messages: cautions };
    }
    await ask(ports, {
      title: `unfence namespace ${name}`,
      steps: [...targets.map((target) => stepOf(target.action, target, target.detail)), ...planned],
      cautions,
    });
    const { timeoutMs: stallMs } = options;
    if (due.length > 0) await takeDown({ ...purpose, look, stallMs, isGuardGone: false }, ports, journal);
    const rest = [...unknown, ...(await removeStaged(staged, ports, journal))];
    if (due.length === 0)
      return rest.length === 0
        ? { messages: [`namespace ${name} is not fenced, and nothing is staged any more. ${explainAgain(name)}`] }
        : { outcome: 'failed', messages: [`namespace ${name} is not fenced`, ...rest] };
    const again = explainAgain(name);
    if (options.keepBaseline)
      return {
        messages: [`namespace ${name} no longer carries the mark; its baseline still denies traffic. ${again}`],
      };
    // Others may have taken over objects while the command ran.
    const staying = stayingBaseline(targetsOf(await look(), purpose));
    if (staying.length > 0) return { outcome: 'failed', messages: [...explainStaying(name, staying), ...rest] };
    return { messages: [`namespace ${name} is no longer fenced. ${again}`, ...rest] };
  });
}

function explainAgain(name: string): string {
  return `To fence it again: ringfence fence ${name}`;
}

/** Explains what still denies traffic, and how to remove it. */
function explainStaying(namespace: string, staying: readonly Target[]): readonly string[] {
  const names = staying.map(({ object }) => object.metadata.name ?? '');
  return [
    [
      `namespace ${namespace} is still closed, although Ringfence no longer maintains its baseline. These stay:`,
      ...staying.map((target) => `  NetworkPolicy ${namespace}/${target.object.metadata.name}: ${target.detail}`),
    ].join('\n'),
    `Remove them from what is applied there, then: kubectl delete networkpolicy ${names.join(' ')} --namespace ${namespace}`,
  ];
}

/**
 * Removes the marks as a dry run, so that the API server and its webhooks judge it. Deletions of
 * the baseline cannot be tried: the guard refuses them as long as the mark exists.
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
