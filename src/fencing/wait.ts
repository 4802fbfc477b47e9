import { readNamespace } from '../baseline/namespace.ts';
import type { Config } from '../config/config.ts';
import type { FencingPorts, StoredObject } from './ports.ts';
import { isPassing, Stop, said } from './report.ts';
import { readExisting } from './scenery.ts';
import { isTrue, lookAtBaseline } from './standing.ts';

export interface WaitOptions {
  /** Milliseconds to wait until the baseline is correct. */
  readonly timeoutMs: number;
  /** Ringfence's own namespace. The message about a timeout names it. */
  readonly ownNamespace: string;
}

/** What is said of a baseline that is not correct in time, and what to do then. */
export type ExplainWait = (missing: string, options: WaitOptions) => string;

/** The pause between two looks at a baseline that is being made. A look costs three reads. */
const pollMs = 200;

/**
 * Waits until Ringfence has made the baseline of a namespace correct, and says what it waits for.
 * Throws {@link Stop} if it does not in time, or if the namespace or its mark is gone.
 */
export async function waitUntilTrue(
  { metadata: { name = '', uid } }: StoredObject,
  options: WaitOptions,
  ports: FencingPorts,
  config: Config,
  explain: ExplainWait = (missing) => explainWait(name, missing, options),
): Promise<void> {
  const { clock, progress } = ports;
  const endsAt = clock.uptime() + options.timeoutMs;
  let told = '';
  for (;;) {
    let missing: string;
    try {
      const namespace = await readExisting(ports.objects, name);
      if (namespace.metadata.uid !== uid)
        throw new Stop('failed', `namespace ${name} has been deleted and created again in the meantime`);
      if (!readNamespace(namespace).fenced)
        throw new Stop('failed', `something has removed the mark of namespace ${name} again`);
      const standing = await lookAtBaseline(namespace, ports, config);
      if (isTrue(standing)) return;
      missing = standing.flatMap(({ name, words }) => (words === '' ? [] : [`${name} (${words})`])).join(', ');
    } catch (error) {
      if (!isPassing(error)) throw error;
      missing = said(error);
    }
    if (missing !== told) progress(`waiting for ${missing}`);
    told = missing;
    if (clock.uptime() >= endsAt) throw new Stop('failed', explain(missing, options));
    await clock.sleep(pollMs);
  }
}

function explainWait(name: string, missing: string, { timeoutMs, ownNamespace }: WaitOptions): string {
  return [
    `namespace ${name} carries the mark, but after ${timeoutMs / 1000} s its baseline is not correct: ${missing}`,
    `Is Ringfence running? kubectl get pods --namespace ${ownNamespace}`,
    `When it runs, it makes the baseline. To remove the mark instead: ringfence unfence ${name}`,
  ].join('\n');
}
