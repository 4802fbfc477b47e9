import { apiCode, askedPauseMs } from '../retry/answer.ts';
import { retry } from '../retry/retry.ts';
import type { FencingPorts, StoredObject } from './ports.ts';
import { isPassing, mayBeDone, Stop, said } from './report.ts';
import { namespaceLocation, readExisting } from './scenery.ts';

/** What a look at a namespace decides. */
export interface Judgement<T> {
  readonly result: T;
  /** The merge patch of the metadata; absent if nothing has to be written. */
  readonly patch?: Readonly<Record<string, unknown>>;
}

export interface NamespaceWrite<T> {
  /** The namespace as it was read. */
  readonly namespace: StoredObject;
  /**
   * Judges the namespace as it is now. `lost` are the results of writes that may have been carried
   * out, although no answer says so. Throws {@link Stop} if the write must not be done any more.
   */
  readonly judge: (namespace: StoredObject, lost: readonly T[]) => Promise<Judgement<T>> | Judgement<T>;
  readonly dryRun: boolean;
  /** What is not known, for a person, if an answer is lost and the namespace cannot be read. */
  readonly explainUnknown: (result: T) => readonly string[];
}

/** A concurrent change of the namespace fails an attempt. Five in a row are not a coincidence. */
const attempts = 5;

/** The first pause between two attempts or reads, and the longest. */
const pauseMs = { firstMs: 200, longestMs: 2_000 } as const;

/**
 * Writes the metadata of a namespace, and only over the state that was judged: its uid and
 * resourceVersion are preconditions. After a conflict, or without an answer, the namespace is read
 * and judged again, because a write may be done although its answer is lost.
 */
export async function writeNamespace<T>(
  { namespace: first, judge, dryRun, explainUnknown }: NamespaceWrite<T>,
  ports: FencingPorts,
): Promise<T> {
  const { name = '', uid } = first.metadata;
  const { objects, clock, progress } = ports;
  const onWarning = (text: string): void => progress(`warning: ${text}`);
  const lost: T[] = [];
  const judgeAgain = () =>
    retry(
      async () => {
        const namespace = await readExisting(objects, name);
        if (namespace.metadata.uid !== uid)
          throw new Stop('failed', `namespace ${name} has been deleted and created again in the meantime`);
        return { namespace, judgement: await judge(namespace, lost) };
      },
      { ...pauseMs, attempts, isPassing, clock, signal: new AbortController().signal },
    );
  let now = { namespace: first, judgement: await judge(first, lost) };
  for (let attempt = 1; ; attempt += 1) {
    const { result, patch } = now.judgement;
    if (patch === undefined) return result;
    const { resourceVersion } = now.namespace.metadata;
    let failure: unknown;
    try {
      await objects.patchMetadata(namespaceLocation(name), { uid, resourceVersion, ...patch }, { dryRun, onWarning });
      return result;
    } catch (error) {
      if (!isPassing(error)) throw error;
      failure = error;
    }
    if (!dryRun && mayBeDone(failure)) lost.push(result);
    const isLast = attempt === attempts;
    if (isLast && lost.length === 0) throw failure;
    if (apiCode(failure) !== 409) {
      progress(`again: ${said(failure)}`);
      await clock.sleep(Math.max(pauseMs.firstMs, askedPauseMs(failure)));
    }
    try {
      now = await judgeAgain();
    } catch (error) {
      if (lost.length === 0 || error instanceof Stop || apiCode(error) === undefined) throw error;
      throw new Stop('failed', [...explainUnknown(result), `The API server: ${said(error)}`].join('\n'));
    }
    if (isLast && now.judgement.patch !== undefined) throw failure;
  }
}
