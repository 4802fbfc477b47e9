import type { NamespaceView } from '../baseline/namespace.ts';
import { readNamespace } from '../baseline/namespace.ts';
import { asOf, formatTrialTime, trialAnnotation } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { own } from '../kubernetes/raw-object.ts';
import { fenceMark, replaceMark } from '../policy/mode.ts';
import { findObstacle } from './candidate.ts';
import { type Conflict, explainConflicts } from './conflicts.ts';
import { type Judgement, writeNamespace } from './namespace-write.ts';
import type { StoredObject } from './ports.ts';
import { Stop } from './report.ts';
import { conflictsIn, lookAtBaseline } from './standing.ts';
import { requireNoOtherTrial } from './trial.ts';
import type { WatchPorts } from './trial-watch.ts';

/** What the person has agreed to. */
export interface Candidate {
  readonly namespace: StoredObject;
  /** The namespace as it was judged, at that time. */
  readonly view: NamespaceView;
  /** The value of the mark. */
  readonly value: string;
}

export interface MarkOptions {
  readonly unlabelled: boolean;
  readonly trial?: { readonly lastsMs: number } | undefined;
  readonly dryRun: boolean;
}

/** A mark on a namespace. */
export interface Marked {
  /** The end of the trial; undefined without one. */
  readonly until: string | undefined;
  /** Whether this command has put it there. */
  readonly isOurs: boolean;
}

/**
 * Puts the mark on a namespace, with the end of its trial. If the namespace changes at the same
 * time, it is judged again: nobody else's fence gets an end, and nobody else's trial is confirmed.
 */
export async function mark(
  { namespace: candidate, view: judged, value }: Candidate,
  options: MarkOptions,
  ports: WatchPorts,
  config: Config,
): Promise<Marked> {
  const { dryRun, trial } = options;
  const { name } = judged;

  async function judge(namespace: StoredObject, lost: readonly Marked[]): Promise<Judgement<Marked>> {
    const stored = readNamespace(namespace);
    const isValue = own(namespace.metadata.labels, fenceMark) === value;
    const done = lost.find(({ until }) => stored.fenced && isValue && until === stored.trialUntil);
    if (done !== undefined) return { result: done };
    requireCandidate(namespace, options, config);
    const view = asOf(stored, ports.now());
    // The person may have thought for long, and others can make policies meanwhile.
    const standing = await lookAtBaseline(namespace, ports, config);
    requireNoOtherTrial(
      view,
      trial !== undefined,
      standing.map(({ found }) => found),
    );
    if (stateOf(view) !== stateOf(judged)) {
      if (trial !== undefined || !view.fenced)
        throw new Stop(
          'refused',
          `${lost.length === 0 ? 'nothing was changed: ' : ''}namespace ${name} was ${stateOf(judged)} and is ${stateOf(view)} now, because somebody has changed it in the meantime`,
        );
      ports.progress(`somebody has fenced namespace ${name} in the meantime`);
      return { result: { until: undefined, isOurs: false } };
    }
    const conflicts = conflictsIn(standing);
    if (!view.fenced && conflicts.length > 0 && value !== replaceMark)
      throw new Stop('refused', explainRefusal(conflicts));
    const until = endOf(trial, ports);
    // What an earlier trial has left would say when this wall opens.
    const isLeft = own(namespace.metadata.annotations, trialAnnotation) !== undefined;
    const ends = until === undefined && !isLeft ? {} : { annotations: { [trialAnnotation]: until ?? null } };
    return { result: { until, isOurs: true }, patch: { labels: { [fenceMark]: value }, ...ends } };
  }

  const explainUnknown = ({ until }: Marked): readonly string[] => [
    `it is not known whether namespace ${name} carries the mark`,
    ...(until === undefined
      ? []
      : [`If it does, its wall opens at ${until}. To keep the wall: ringfence fence ${name} --confirm`]),
    `To see it: kubectl get namespace ${name} --show-labels. To remove the mark: ringfence unfence ${name}`,
  ];
  return writeNamespace({ namespace: candidate, judge, dryRun, explainUnknown }, ports);
}

/** Throws {@link Stop} if a namespace cannot be fenced. */
export function requireCandidate(namespace: StoredObject, options: MarkOptions, config: Config): void {
  const obstacle = findObstacle(namespace, options, config);
  if (obstacle !== undefined) throw new Stop('refused', obstacle);
}

export function explainRefusal(conflicts: readonly Conflict[]): string {
  return [
    `nothing was changed: the baseline would replace ${conflicts.length === 1 ? 'a NetworkPolicy' : `${conflicts.length} NetworkPolicies`} of yours`,
    explainConflicts(conflicts),
    'NetworkPolicies add up: apply yours under another name and delete the old one, or have it printed and replaced: --replace',
  ].join('\n');
}

/** When a trial ends that begins now. */
export function endOf(trial: MarkOptions['trial'], { now }: Pick<WatchPorts, 'now'>): string | undefined {
  return trial === undefined ? undefined : formatTrialTime(now() + trial.lastsMs);
}

/** The state of a fence that a person knows when agreeing to another one. */
function stateOf({ fenced, isTrialOver, trialUntil }: NamespaceView): string {
  if (isTrialOver) return `open since its trial ended at ${trialUntil}`;
  if (!fenced) return 'not fenced';
  return trialUntil === undefined ? 'fenced' : `on trial until ${trialUntil}`;
}
