import { readNamespace } from '../baseline/namespace.ts';
import { isStanding } from '../baseline/trial.ts';
import { fenceMark } from '../policy/mode.ts';
import { apiCode } from '../retry/answer.ts';
import { agree } from '../wording/number.ts';
import type { FencingPorts, StoredObject } from './ports.ts';
import { isRefusal, type Journal, type Outcome, type Report, Stop, said } from './report.ts';
import { findMissingRights } from './rights.ts';
import { lookAtNamespace } from './scenery.ts';
import { takeDown } from './take-down.ts';
import { type Scene, stayingBaseline, targetsOf } from './targets.ts';
import type { ExplainWait, WaitOptions } from './wait.ts';

/** The end of a command that changed a namespace. */
export type Ending = Pick<Report, 'messages'> & { readonly outcome?: Outcome };

/** A trial that ends. */
export interface EndingTrial extends WaitOptions {
  /** The namespace as the fence has judged it. */
  readonly namespace: StoredObject;
  readonly trialUntil: string;
}

/** What could not be removed, and why. */
interface Rest {
  readonly isMarked: boolean;
  /** The names of the policies that still restrict traffic. */
  readonly standing: readonly string[];
  /** Whether somebody said no. Otherwise it is not known what was removed. */
  readonly isRefused: boolean;
  /** `you may not remove them: …` */
  readonly reason: string;
}

type Look = () => Promise<Scene>;

const purpose = { labels: [fenceMark], remove: true, release: false } as const;

/** The pause between two looks at a wall that is being opened. */
const openPollMs = 200;

/**
 * Ends a trial that is over. Ringfence opens the wall first, so that no wall depends on what
 * follows: without the mark, no replica opens it any more. Then this removes the mark and the
 * baseline with the rights of the person. If Ringfence does not open the wall in time, it is
 * removed with the rest. Throws {@link Stop} if somebody has confirmed or prolonged the trial.
 */
export async function endTrial(trial: EndingTrial, ports: FencingPorts, journal: Journal): Promise<Ending> {
  const { name = '' } = trial.namespace.metadata;
  const { ownNamespace, timeoutMs } = trial;
  const look = lookAtTrial(trial, ports);
  const again = `To fence it again: ringfence fence ${name}`;
  await waitUntilOpen(look, trial, ports);
  const rest = await remove(look, timeoutMs, ports, journal);
  if (rest === undefined)
    return {
      outcome: 'ended',
      messages: [`the trial of namespace ${name} was not confirmed: it is no longer fenced. ${again}`],
    };
  const { isMarked, standing, isRefused, reason } = rest;
  if (standing.length === 0) {
    const what = isMarked ? 'The mark and the opened policies' : 'The opened policies';
    const stays = isRefused
      ? `${what} stay, because ${reason}`
      : `${what} may still be there: ${reason}. To remove them: ringfence unfence ${name}`;
    return { outcome: 'ended', messages: [`${explainOver(name, trial.trialUntil)}. ${again}`, stays] };
  }
  if (!isMarked)
    return {
      outcome: 'failed',
      messages: [
        `the trial of namespace ${name} is over and its mark is removed, but ${explainStanding(rest)}`,
        explainRemoval(name, agree(standing.length, 'it', 'them')),
      ],
    };
  return {
    outcome: 'failed',
    messages: [
      `the trial of namespace ${name} is over, but its wall still stands. Is Ringfence running? kubectl get pods --namespace ${ownNamespace}`,
      `The mark stays too, and Ringfence opens the wall when it runs. This command left both, because ${reason}`,
      explainRemoval(name, 'both at once'),
    ],
  };
}

/**
 * Takes a trial back that could not begin as it should. Resolves to what a person should know. A
 * release that knows no trials would keep the wall for ever, so this does not wait for the end.
 */
export async function breakOff(trial: EndingTrial, ports: FencingPorts, journal: Journal): Promise<readonly string[]> {
  const { name = '' } = trial.namespace.metadata;
  ports.progress(`taking the fence of namespace ${name} back; if this is interrupted: ringfence unfence ${name}`);
  let rest: Rest | undefined;
  try {
    rest = await remove(lookAtTrial(trial, ports), trial.timeoutMs, ports, journal);
  } catch (error) {
    if (error instanceof Stop || apiCode(error) === undefined) throw error;
    return [`The fence could not be taken back: ${said(error)}`, `To remove it: ringfence unfence ${name}`];
  }
  if (rest === undefined)
    return [
      `The fence is taken back: namespace ${name} is no longer fenced. To fence it again: ringfence fence ${name}`,
    ];
  const { isMarked, standing, reason } = rest;
  if (standing.length > 0 && !isMarked)
    return [
      `The mark is removed, but ${explainStanding(rest)}`,
      explainRemoval(name, agree(standing.length, 'it', 'them')),
    ];
  const what = standing.length === 0 ? 'What is left of the fence stays' : 'The mark and the wall stay';
  return [`${what} until ${trial.trialUntil} at least, because ${reason}`, explainRemoval(name, 'it at once')];
}

/** Of a trial that is taken back because its baseline did not come. */
export function explainUnmade(name: string): ExplainWait {
  return (missing, { timeoutMs, ownNamespace }) =>
    [
      `after ${timeoutMs / 1000} s the baseline of namespace ${name} was not correct: ${missing}`,
      `Is Ringfence running? kubectl get pods --namespace ${ownNamespace}`,
    ].join('\n');
}

/** Says of a failure during a trial that the trial goes on, or has ended by itself. */
export function withoutCommand(name: string, trialUntil: string | undefined, error: unknown): unknown {
  if (trialUntil === undefined || error instanceof Stop || apiCode(error) === undefined) return error;
  return new Stop(
    isRefusal(error) ? 'refused' : 'failed',
    [
      said(error),
      `The trial of namespace ${name} ends at ${trialUntil}, with or without this command. To keep its wall, run before that time: ringfence fence ${name} --confirm. To remove what the trial leaves, run afterwards: ringfence unfence ${name}`,
    ].join('\n'),
  );
}

export function explainOver(name: string, trialUntil: string | undefined): string {
  return `the trial of namespace ${name} ended at ${trialUntil ?? ''}, and its wall is open`;
}

/** Looks at the namespace, and throws {@link Stop} if its mark is not the one of this trial. */
function lookAtTrial({ namespace, trialUntil }: EndingTrial, { objects }: FencingPorts): Look {
  const { name = '', uid } = namespace.metadata;
  let wasUnmarked = false;
  return async () => {
    const scene = await lookAtNamespace(objects, { name, uid, labels: purpose.labels });
    const [marked] = scene.marked;
    if (marked !== undefined && readNamespace(marked).trialUntil !== trialUntil)
      throw new Stop(
        'unchanged',
        wasUnmarked
          ? `somebody has fenced namespace ${name} again after its trial`
          : `somebody has confirmed or prolonged the trial of namespace ${name}`,
      );
    wasUnmarked ||= marked === undefined;
    return scene;
  };
}

/**
 * Waits until Ringfence has opened the wall, or the time is over. Without the mark, nobody opens
 * it, so that is not waited for.
 */
async function waitUntilOpen(look: Look, { namespace, timeoutMs }: EndingTrial, ports: FencingPorts): Promise<void> {
  const { clock, progress } = ports;
  const { name = '' } = namespace.metadata;
  const endsAt = clock.uptime() + timeoutMs;
  for (let turn = 0; ; turn += 1) {
    const scene = await look();
    const isOpen = !policiesOf(scene).some((policy) => isStanding(policy));
    if (isOpen || scene.marked.length === 0) return;
    if (clock.uptime() >= endsAt) {
      progress(
        `Ringfence has not opened the wall of namespace ${name} in ${timeoutMs / 1000} s, so this command removes it; if it is interrupted: ringfence unfence ${name}`,
      );
      return;
    }
    if (turn === 0) progress(`the trial of namespace ${name} is over; waiting until Ringfence opens its wall`);
    await clock.sleep(openPollMs);
  }
}

/**
 * Removes the mark and the baseline. Resolves to what stays; undefined if all is removed. If a
 * right is missing, the mark stays too.
 */
async function remove(look: Look, stallMs: number, ports: FencingPorts, journal: Journal): Promise<Rest | undefined> {
  let scene = await look();
  const rest = (isRefused: boolean, reason: string): Rest => ({
    isMarked: scene.marked.length > 0 && !journal.steps.some(({ action }) => action === 'unmark'),
    standing: policiesOf(scene)
      .filter((policy) => isStanding(policy))
      .map(({ metadata }) => metadata.name ?? ''),
    isRefused,
    reason,
  });
  const deeds = targetsOf(scene, purpose)
    .filter(({ action }) => action !== 'leave')
    .map((target) => ({ ...target, verb: target.action === 'delete' ? ('delete' as const) : ('patch' as const) }));
  const missing = await findMissingRights(deeds, ports);
  if (missing !== undefined) return rest(true, missing);
  const lookAgain = async () => {
    scene = await look();
    return scene;
  };
  try {
    await takeDown({ ...purpose, look: lookAgain, stallMs, isGuardGone: false }, ports, journal);
  } catch (error) {
    if (error instanceof Stop ? !error.isResumable : apiCode(error) === undefined) throw error;
    return isRefusal(error) ? rest(true, `you may not remove them: ${said(error)}`) : rest(false, said(error));
  }
  const staying = stayingBaseline(targetsOf(scene, purpose)).filter(({ object }) => isStanding(object));
  return staying.length === 0 ? undefined : rest(true, [...new Set(staying.map(({ detail }) => detail))].join('; '));
}

function policiesOf({ walls, others }: Scene): readonly StoredObject[] {
  return [...walls, ...others];
}

function explainStanding({ standing, reason }: Rest): string {
  const many = standing.length;
  return `${standing.join(', ')} still ${agree(many, 'stands', 'stand')}, and Ringfence does not open ${agree(many, 'it', 'them')} any more; ${reason}`;
}

/** What removes the rest, run by somebody with more rights. */
function explainRemoval(name: string, what = 'it'): string {
  return `To remove ${what}, somebody who may delete NetworkPolicies there runs: ringfence unfence ${name}`;
}
