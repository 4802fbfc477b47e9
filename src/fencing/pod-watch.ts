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
  /** The Pods that were ready at some look and are not any more, by name. */
  unready(): readonly string[];
}

const podKind: Kind = { kind: 'Pod', api: '/api/v1', resource: 'pods' };
const eventKind: Kind = { kind: 'Event', api: '/api/v1', resource: 'events' };

/** A namespace may have thousands of Events. A person reads some. */
const toldAtMost = 10;

/**
 * Begins to watch. What is not ready now, and the Events that are there now, are not told. Without
 * a right to list Pods or Events, it says so and leaves them out. A look that fails is told once,
 * until one succeeds.
 */
export async function watchPods(
  namespace: string,
  { objects, progress }: Pick<FencingPorts, 'objects' | 'progress'>,
): Promise<PodWatch> {
  const wasReady = new Map<string, boolean>();
  const counts = new Map<string, number>();
  const refused = new Set<string>();
  const missed = new Set<string>();
  let knowsEvents = false;

  /** Undefined if they cannot be seen. */
  async function list(kind: Kind): Promise<readonly StoredObject[] | undefined> {
    if (refused.has(kind.resource)) return undefined;
    try {
      const found = (await objects.list({ api: kind.api, resource: kind.resource, namespace })) ?? [];
      missed.delete(kind.resource);
      return found;
    } catch (error) {
      if (apiCode(error) === 403) {
        refused.add(kind.resource);
        progress(`not watched: ${kind.kind}s of ${namespace} (${said(error)})`);
      } else if (!isPassing(error)) throw error;
      else if (!missed.has(kind.resource)) {
        missed.add(kind.resource);
        progress(`not seen for now: ${kind.kind}s of ${namespace} (${said(error)})`);
      }
      return undefined;
    }
  }

  function tell(lines: readonly string[]): void {
    for (const line of lines.slice(0, toldAtMost)) progress(line);
    if (lines.length > toldAtMost) progress(`and ${lines.length - toldAtMost} more`);
  }

  async function look(): Promise<void> {
    const pods = await list(podKind);
    const names = new Set(pods?.map(({ metadata }) => metadata.name ?? ''));
    if (pods !== undefined) for (const name of wasReady.keys()) if (!names.has(name)) wasReady.delete(name);
    const changes = (pods ?? []).flatMap((pod): readonly string[] => {
      const name = pod.metadata.name ?? '';
      const before = wasReady.get(name);
      const { isReady, why } = readinessOf(pod);
      if (isReady) wasReady.set(name, true);
      else if (before !== undefined) wasReady.set(name, false);
      if (isReady) return before === false ? [`Pod ${namespace}/${name} is ready again`] : [];
      return before === true ? [`Pod ${namespace}/${name} is not ready any more${why}`] : [];
    });
    const listed = await list(eventKind);
    const isLater = knowsEvents;
    knowsEvents ||= listed !== undefined;
    const events = (listed ?? []).flatMap((event) => {
      const { uid = '' } = event.metadata;
      const count = Number(own(event, 'count') ?? valueAt(event, 'series', 'count') ?? 1);
      const isNew = count > (counts.get(uid) ?? 0);
      counts.set(uid, count);
      return isLater && isNew && textAt(event, 'type') === 'Warning' ? [describeEvent(event)] : [];
    });
    tell([...changes, ...events]);
  }

  await look();
  return {
    look,
    unready: () => [...wasReady].flatMap(([name, isReady]) => (isReady ? [] : [name])).sort(),
  };
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
