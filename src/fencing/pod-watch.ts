import { listAt, own, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { apiCode } from '../retry/answer.ts';
import type { Kind } from './locations.ts';
import type { FencingPorts, StoredObject } from './ports.ts';
import { isPassing, said } from './report.ts';

/**
 * Watches how the Pods of a namespace fare, by one list of Pods and one of Events for each look.
 */
export interface PodWatch {
  /** Looks again, and tells what has changed since the last look. Throws nothing that may pass. */
  look(): Promise<void>;
  /**
   * What was seen since the watch began, and what could not be seen, a message each; none if all
   * went well.
   */
  fared(): readonly string[];
}

const podKind: Kind = { kind: 'Pod', api: '/api/v1', resource: 'pods' };
const eventKind: Kind = { kind: 'Event', api: '/api/v1', resource: 'events' };

/** A namespace may have thousands of Events. A person reads some. */
const toldAtMost = 10;

/**
 * A new Pod needs some time for its image and its probes. By default, a readiness probe runs every
 * ten seconds.
 */
const startMs = 30_000;

/** What is known of a Pod, and of those that had its name before. */
interface Seen {
  readonly uid: string | undefined;
  /** The time of the first look that found it. */
  readonly since: number;
  /** Whether it was there when the watch began. */
  readonly isOld: boolean;
  wasReady: boolean;
  /** Its state at the last look; undefined if it is gone. */
  isReady: boolean | undefined;
  /** Why it is named in the end; undefined if it is not. */
  fault: 'became unready' | 'did not start' | undefined;
}

/** What is known of the lists of a kind. */
interface Sight {
  hasSucceeded: boolean;
  isRefused: boolean;
  /** Why the last list failed; undefined if it did not. */
  trouble: string | undefined;
}

/**
 * Begins to watch. What is not ready now, and the Events that are there now, are not told. Without
 * a right to list Pods or Events, it says so and leaves them out. A look that fails is told once,
 * until one succeeds.
 */
export async function watchPods(
  namespace: string,
  { objects, progress, clock }: Pick<FencingPorts, 'objects' | 'progress' | 'clock'>,
): Promise<PodWatch> {
  const known = new Map<string, Seen>();
  const counts = new Map<string, number>();
  const kinds = [podKind, eventKind];
  const sights = new Map(kinds.map(({ kind }) => [kind, unseen()]));

  /** Undefined if they cannot be seen. */
  async function list({ kind, api, resource }: Kind, sight: Sight): Promise<readonly StoredObject[] | undefined> {
    if (sight.isRefused) return undefined;
    try {
      const found = (await objects.list({ api, resource, namespace })) ?? [];
      sight.hasSucceeded = true;
      sight.trouble = undefined;
      return found;
    } catch (error) {
      const isRefused = apiCode(error) === 403;
      if (!isRefused && !isPassing(error)) throw error;
      if (isRefused) progress(`not watched: ${kind}s of ${namespace} (${said(error)})`);
      else if (sight.trouble === undefined) progress(`not seen for now: ${kind}s of ${namespace} (${said(error)})`);
      sight.isRefused = isRefused;
      sight.trouble = said(error);
      return undefined;
    }
  }

  function tell(lines: readonly string[]): void {
    for (const line of lines.slice(0, toldAtMost)) progress(line);
    if (lines.length > toldAtMost) progress(`and ${lines.length - toldAtMost} more`);
  }

  /** Takes note of a Pod. Returns what to tell of it. */
  function see(pod: StoredObject, isOld: boolean): readonly string[] {
    const { name = '', uid, deletionTimestamp } = pod.metadata;
    const { isReady, why } = readinessOf(pod);
    const namesake = known.get(name);
    const seen = namesake?.uid === uid && namesake !== undefined ? namesake : begin(uid, isOld, namesake?.fault);
    const { isReady: before, fault } = seen;
    known.set(name, seen);
    // The kubelet ends it, and not the wall.
    if (!isReady && deletionTimestamp !== undefined) return [];
    seen.isReady = isReady;
    seen.wasReady ||= isReady;
    const title = `Pod ${namespace}/${name}`;
    if (isReady)
      return before === false && fault !== undefined
        ? [`${title} is ready${fault === 'became unready' ? ' again' : ''}`]
        : [];
    if (seen.wasReady) {
      seen.fault = 'became unready';
      return before === false ? [] : [`${title} is not ready any more${why}`];
    }
    if (seen.isOld || fault !== undefined || clock.uptime() - seen.since < startMs) return [];
    seen.fault = 'did not start';
    return [`${title} is new, and has not become ready in ${startMs / 1000} s${why}`];
  }

  function begin(uid: string | undefined, isOld: boolean, fault: Seen['fault']): Seen {
    return { uid, since: clock.uptime(), isOld, wasReady: false, isReady: undefined, fault };
  }

  async function look(): Promise<void> {
    const [podSight, eventSight] = [sightOf(podKind), sightOf(eventKind)];
    const isFirst = !podSight.hasSucceeded;
    const pods = await list(podKind, podSight);
    const names = new Set(pods?.map(({ metadata }) => metadata.name ?? ''));
    if (pods !== undefined) for (const [name, seen] of known) if (!names.has(name)) seen.isReady = undefined;
    const changes = (pods ?? []).flatMap((pod) => see(pod, isFirst));
    const isLater = eventSight.hasSucceeded;
    const listed = await list(eventKind, eventSight);
    const events = (listed ?? []).flatMap((event) => {
      const { uid = '' } = event.metadata;
      const count = Number(own(event, 'count') ?? valueAt(event, 'series', 'count') ?? 1);
      const isNew = count > (counts.get(uid) ?? 0);
      counts.set(uid, count);
      return isLater && isNew && textAt(event, 'type') === 'Warning' ? [describeEvent(event)] : [];
    });
    tell([...changes, ...events]);
  }

  const sightOf = ({ kind }: Kind): Sight => sights.get(kind) ?? unseen();

  function namesOf(wanted: Seen['fault']): string {
    return [...known]
      .filter(([, { fault }]) => fault === wanted)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { isReady }]) =>
        isReady === false ? name : `${name} (${isReady === undefined ? 'gone' : 'ready now'})`,
      )
      .join(', ');
  }

  await look();
  return {
    look,
    fared() {
      const [fell, never] = [namesOf('became unready'), namesOf('did not start')];
      return [
        ...kinds.flatMap((kind) => explainSight(`${kind.kind}s of ${namespace}`, sightOf(kind))),
        ...(never === ''
          ? []
          : [`New Pods that did not become ready in ${startMs / 1000} s during the trial: ${never}`]),
        ...(fell === '' ? [] : [`Pods that became unready during the trial: ${fell}`]),
      ];
    },
  };
}

function unseen(): Sight {
  return { hasSucceeded: false, isRefused: false, trouble: undefined };
}

/** Says what was not seen, so that silence is not taken for good news. */
function explainSight(what: string, { hasSucceeded, trouble }: Sight): readonly string[] {
  if (trouble === undefined) return [];
  return hasSucceeded
    ? [`not seen at the end of the trial: ${what} (${trouble})`]
    : [`not watched: ${what} (${trouble}), so it is not known how they fared`];
}

/** Whether the condition Ready of a Pod is true, and why not. A finished Pod is not asked. */
function readinessOf(pod: StoredObject): { readonly isReady: boolean; readonly why: string } {
  if (textAt(pod, 'status', 'phase') === 'Succeeded') return { isReady: true, why: '' };
  const ready = listAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  const message = textAt(ready, 'message');
  return { isReady: textAt(ready, 'status') === 'True', why: message === undefined ? '' : `: ${message}` };
}

function describeEvent(event: StoredObject): string {
  const [kind = '', name = ''] = [textAt(event, 'involvedObject', 'kind'), textAt(event, 'involvedObject', 'name')];
  return `Event of ${kind} ${name}: ${textAt(event, 'reason') ?? ''} ${textAt(event, 'message') ?? ''}`.trimEnd();
}
