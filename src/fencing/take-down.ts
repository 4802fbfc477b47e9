import { fenceMark } from '../policy/mode.ts';
import { locationOf, namespaceKind, stepOf } from './locations.ts';
import { managersOf } from './ownership.ts';
import type { FencingPorts } from './ports.ts';
import { isPassing, isRefusal, type Journal, mayBeDone, Stop, said } from './report.ts';
import { isWall, type Purpose, type Scene, type Target, targetsOf } from './targets.ts';

export interface TakeDownOptions extends Purpose {
  /** Reads the objects live. Throws {@link Stop} if the command cannot continue. */
  readonly look: () => Promise<Scene>;
  /** Milliseconds without progress after which the command gives up. */
  readonly stallMs: number;
  /**
   * Whether the webhooks have just been deleted. An API server that does not know this yet may
   * still refuse.
   */
  readonly isGuardGone: boolean;
}

/**
 * A reconciliation that runs while the mark is removed may restore the baseline once. It ends
 * within this time.
 */
const quietMs = 2_000;

/**
 * The pause between two looks. A look costs three reads, and a person does not notice the pause.
 */
const pollMs = 200;

/**
 * API servers learn of a changed label or of deleted webhooks within some milliseconds. A refusal
 * within this time is tried again.
 */
const graceMs = 2_000;

/**
 * Each of a few replicas may restore an object once, by a reconciliation that was running. If an
 * object returns more often, somebody applies it.
 */
const returnsAllowed = 5;

/**
 * Removes marks and baselines. All marks go first, so that no replica restores a baseline and the
 * guard no longer protects it. Then the walls go and, when they have stayed away, the DNS rules.
 * The work is level-based: each turn reads the objects again and does the next step, so a run
 * continues where an earlier one was interrupted. Resolves when nothing is left to do.
 */
export async function takeDown(options: TakeDownOptions, ports: FencingPorts, journal: Journal): Promise<void> {
  const { clock } = ports;
  const returns = new Map<string, number>();
  /** What was asked of the API server, without an answer that says whether it is done. */
  const unanswered = new Map<string, Target>();
  let movedAt = clock.uptime();
  let wallSeenAt = clock.uptime();
  let graceEndsAt = options.isGuardGone ? clock.uptime() + graceMs : Number.NEGATIVE_INFINITY;
  let told = '';

  const tell = (line: string): void => {
    if (line !== told) ports.progress(line);
    told = line;
  };

  function noteDone(target: Target): void {
    unanswered.delete(titleOf(target));
    journal.write(stepOf(target.action, target, target.detail));
    movedAt = clock.uptime();
    if (target.action === 'unmark') graceEndsAt = movedAt + graceMs;
  }

  async function apply(target: Target): Promise<void> {
    const times = returns.get(titleOf(target)) ?? 0;
    if (times > returnsAllowed) throw new Stop('failed', explainReturn(target), { isResumable: true });
    try {
      await applyTarget(target, ports);
    } catch (error) {
      if (mayBeDone(error)) unanswered.set(titleOf(target), target);
      throw error;
    }
    noteDone(target);
    returns.set(titleOf(target), times + 1);
  }

  /** Does the next step. Resolves to whether nothing is left to do. */
  async function turn(): Promise<boolean> {
    const targets = targetsOf(await options.look(), options);
    for (const [title, target] of unanswered) if (!targets.some((one) => titleOf(one) === title)) noteDone(target);
    const isStanding = (target: Target): boolean => target.action === 'delete' || target.isGoing === true;
    const walls = targets.filter((target) => isWall(target) && isStanding(target));
    if (walls.length > 0) wallSeenAt = clock.uptime();
    const marks = targets.filter(({ action }) => action === 'unmark');
    const deletable = walls.filter(({ action }) => action === 'delete');
    if (marks.length > 0 || deletable.length > 0) {
      for (const target of marks.length > 0 ? marks : deletable) await apply(target);
      return false;
    }
    if (walls.length === 0 && options.remove && clock.uptime() - wallSeenAt < quietMs) {
      tell('watching that the wall stays away');
      movedAt = clock.uptime();
      return false;
    }
    const rest = targets.filter((target) => !isWall(target) || target.action === 'release');
    const due = walls.length > 0 ? [] : rest.filter(({ action }) => action !== 'leave');
    for (const target of due) await apply(target);
    const going = targets.filter(({ isGoing }) => isGoing);
    if (due.length > 0) return false;
    if (going.length > 0) {
      tell(`waiting for the deletion of ${going.map(titleOf).join(', ')}`);
      return false;
    }
    for (const target of targets) journal.write(stepOf('leave', target, target.detail));
    return true;
  }

  for (;;) {
    try {
      if (await turn()) return;
      if (clock.uptime() - movedAt > options.stallMs)
        throw new Stop('failed', `nothing has changed for ${Math.round(options.stallMs / 1000)} s: ${told}`, {
          isResumable: true,
        });
    } catch (error) {
      const mayPass = isPassing(error) || (isRefusal(error) && clock.uptime() < graceEndsAt);
      if (!mayPass || clock.uptime() - movedAt > options.stallMs) throw error;
      tell(`again: ${said(error)}`);
    }
    await clock.sleep(pollMs);
  }
}

async function applyTarget(target: Target, { objects, progress }: FencingPorts): Promise<void> {
  const { uid = '', resourceVersion = '' } = target.object.metadata;
  const preconditions = { uid, resourceVersion };
  if (target.action === 'delete') await objects.remove(locationOf(target), preconditions);
  else {
    const options = { dryRun: false, onWarning: (text: string) => progress(`warning: ${text}`) };
    await objects.patchMetadata(locationOf(target), { ...preconditions, ...target.patch }, options);
  }
}

/** Explains that something restores an object each time it is removed. */
function explainReturn(target: Target): string {
  const isNamespace = target.kind === namespaceKind;
  const managers = managersOf(target.object, isNamespace ? ['f:metadata', 'f:labels', `f:${fenceMark}`] : ['f:spec']);
  const who = managers.length === 0 ? 'something' : managers.join(', ');
  const what = isNamespace ? `${target.detail} of ${titleOf(target)}` : titleOf(target);
  return `${who} restores ${what} again and again; first remove it from what is applied there`;
}

function titleOf({ kind, object: { metadata } }: Target): string {
  const place = metadata.namespace === undefined ? '' : `${metadata.namespace}/`;
  return `${kind.kind} ${place}${metadata.name ?? ''}`;
}
