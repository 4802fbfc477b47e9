import { fenceMark, modeLabel } from '../policy/mode.ts';
import { agree, countOf } from '../wording/number.ts';
import { findLeftovers } from './leftovers.ts';
import { type Found, locationOf, nameOf, namespaceOf, stepOf } from './locations.ts';
import type { FencingPorts, Step } from './ports.ts';
import { findHome, findRoles, findWebhookRights, findWebhooks } from './remains.ts';
import { ask, isPassing, type Journal, type Report, report, Stop, said } from './report.ts';
import { requireRights } from './rights.ts';
import { lookAtCluster, namespaceLocation } from './scenery.ts';
import { findStaged, removeStaged, stagedKind, stagedStep } from './staged.ts';
import { takeDown } from './take-down.ts';
import { type Target, targetsOf } from './targets.ts';

export interface UninstallOptions {
  /** Ringfence's own namespace. */
  readonly ownNamespace: string;
  /** Whether to delete the objects of baselines that only Ringfence manages. */
  readonly removeBaselines: boolean;
  readonly dryRun: boolean;
  /**
   * Milliseconds without progress after which the command gives up, and the longest time to wait
   * for the end of the namespace.
   */
  readonly timeoutMs: number;
}

/** Ringfence's Pods answer for 8 s more, so the end of their namespace takes at least that long. */
const endPollMs = 500;
const retryMs = 200;

/**
 * Removes everything of Ringfence from a cluster. First it removes the right to create webhook
 * configurations, then these configurations, so it also works if Ringfence does not answer. Then it
 * removes marks and baselines; without its mark, a namespace is no longer reconciled. Last it
 * deletes Ringfence's namespace and the roles. The work is level-based, so a second run continues
 * where the first was interrupted.
 */
export async function uninstall(options: UninstallOptions, ports: FencingPorts): Promise<Report> {
  const { ownNamespace, dryRun } = options;
  const { objects } = ports;
  return report({ command: 'uninstall', namespace: ownNamespace, dryRun }, async (journal) => {
    const purpose = { labels: [fenceMark, modeLabel], remove: options.removeBaselines, release: true };
    const look = () => lookAtCluster(objects, { labels: purpose.labels, ownNamespace });
    const home = await findHome(objects, ownNamespace);
    const gate = [...(await findWebhookRights(objects)), ...(await findWebhooks(objects))];
    const roles = await findRoles(objects);
    const leftovers = await findLeftovers(ports, roles, ownNamespace);
    const { unknown, ...found } = await findStaged(ports);
    const staged = found.staged.filter(({ metadata }) => metadata.namespace !== ownNamespace);
    const targets = targetsOf(await look(), purpose);

    const whole = [...gate, ...home, ...roles.filter((role) => !isAmong(role, gate))];
    const due = targets.filter(({ action, isGoing }) => action !== 'leave' || isGoing);
    const steps = [
      ...gate.map((found) => stepOf('delete', found)),
      ...targets.map(stepOfTarget),
      ...staged.map((object) => stagedStep('delete', object)),
      ...whole
        .slice(gate.length)
        .map((found) => stepOf('delete', found, home.includes(found) ? everything : undefined)),
      ...leftovers.left.map((one) => stepOf('leave', one, one.detail)),
    ];
    const rest = [...leftovers.messages, ...unknown];
    const cautions = [...cautionsOf(options), ...rest];
    if (whole.length + due.length + staged.length === 0) {
      note(steps, journal);
      const nothing = `this cluster has nothing of Ringfence${rest.length === 0 ? '' : ' that this command deletes'}`;
      return { outcome: 'unchanged', messages: [nothing, ...rest] };
    }
    await requireRights(
      [
        ...whole.map(toDelete),
        ...due.map((target) => (target.action === 'delete' ? toDelete(target) : toPatch(target))),
      ],
      ports,
    );
    if (dryRun) {
      note(steps, journal);
      return { messages: cautions };
    }
    await ask(ports, { title: 'uninstall Ringfence', steps, cautions });

    const clear = (find: () => Promise<readonly Found[]>, detail?: string) =>
      removeAll(find, detail, options, ports, journal);
    const takeAllDown = () =>
      takeDown({ ...purpose, look, stallMs: options.timeoutMs, isGuardGone: true }, ports, journal);
    await clear(() => findWebhookRights(objects));
    await clear(() => findWebhooks(objects));
    await takeAllDown();
    for (const own of Map.groupBy(staged, (object) => namespaceOf({ kind: stagedKind, object })).values())
      rest.push(...(await removeStaged(own, ports, journal)));
    await clear(() => findHome(objects, ownNamespace), everything);
    await clear(() => findRoles(objects));
    // A second time, because a replica may have been writing when it lost its rights.
    await clear(() => findWebhooks(objects));
    await takeAllDown();
    for (const one of leftovers.left) journal.write(stepOf('leave', one, one.detail));
    return { messages: closingOf(await hasEnded(options, ports), journal, rest, options) };
  });
}

const everything = 'with everything in it';

/** Deletes what `find` finds, until it finds nothing. */
async function removeAll(
  find: () => Promise<readonly Found[]>,
  detail: string | undefined,
  { timeoutMs }: UninstallOptions,
  { objects, clock, progress }: FencingPorts,
  journal: Journal,
): Promise<void> {
  const endsAt = clock.uptime() + timeoutMs;
  for (;;) {
    try {
      const found = await find();
      if (found.length === 0) return;
      if (clock.uptime() > endsAt)
        throw new Stop('failed', `still there: ${found.map(nameOf).join(', ')}`, { isResumable: true });
      for (const one of found) {
        const { uid = '', resourceVersion = '' } = one.object.metadata;
        await objects.remove(locationOf(one), { uid, resourceVersion });
        journal.write(stepOf('delete', one, detail));
      }
    } catch (error) {
      // A conflict passes too: a replica can write its webhooks until the API server applies the
      // deletion of its right.
      if (!isPassing(error) || clock.uptime() > endsAt) throw error;
      progress(`again: ${said(error)}`);
    }
    await clock.sleep(retryMs);
  }
}

/** Waits for the end of Ringfence's namespace. Resolves to whether it ended within the time. */
async function hasEnded({ ownNamespace, timeoutMs }: UninstallOptions, ports: FencingPorts): Promise<boolean> {
  const { objects, clock, progress } = ports;
  const endsAt = clock.uptime() + timeoutMs;
  for (let turn = 0; ; turn += 1) {
    try {
      if ((await objects.get(namespaceLocation(ownNamespace))) === undefined) return true;
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    if (clock.uptime() > endsAt) return false;
    if (turn === 0) progress(`waiting for the deletion of namespace ${ownNamespace}`);
    await clock.sleep(endPollMs);
  }
}

function note(steps: readonly Step[], journal: Journal): void {
  for (const step of steps) journal.write(step);
}

function cautionsOf({ ownNamespace, removeBaselines }: UninstallOptions): readonly string[] {
  return [
    'After this, nothing is judged, and nobody repairs the baselines.',
    ...(removeBaselines
      ? [
          'Every Pod of the fenced namespaces is then open to all traffic that the other NetworkPolicies there do not restrict.',
        ]
      : ['Baselines stay and still deny traffic. --remove-baselines deletes them too.']),
    `Everything else in namespace ${ownNamespace} is deleted with it.`,
  ];
}

function closingOf(
  hasEnded: boolean,
  { steps }: Journal,
  rest: readonly string[],
  { ownNamespace, removeBaselines }: UninstallOptions,
): readonly string[] {
  const walls = steps.filter(
    ({ action, kind }) => kind === 'NetworkPolicy' && (action === 'release' || action === 'leave'),
  );
  return [
    hasEnded
      ? 'Ringfence is uninstalled'
      : `Ringfence is uninstalled; namespace ${ownNamespace} is still being deleted, which needs no further step`,
    ...(walls.length === 0
      ? []
      : [
          removeBaselines
            ? `${countOf(walls.length, 'NetworkPolicy')} named as a baseline's ${agree(walls.length, 'stays', 'stay')}, because others manage ${agree(walls.length, 'it', 'them')}; ${agree(walls.length, 'it still does what it says', 'they still do what they say')}`
            : `${countOf(walls.length, 'NetworkPolicy')} of baselines ${agree(walls.length, 'stays', 'stay')}; to delete those that only Ringfence made: ringfence uninstall --remove-baselines`,
        ]),
    ...rest,
    'Identity labels stay: they are yours.',
  ];
}

function stepOfTarget(target: Target): Step {
  return stepOf(target.action, target, target.detail);
}

function toDelete(found: Found) {
  return { ...found, verb: 'delete' } as const;
}

function toPatch(found: Found) {
  return { ...found, verb: 'patch' } as const;
}

function isAmong(one: Found, others: readonly Found[]): boolean {
  return others.some((other) => other.kind === one.kind && nameOf(other) === nameOf(one));
}
