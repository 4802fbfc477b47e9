import type { DenialLog } from './denials.ts';
import { tellDenials } from './denials.ts';
import { watchPods } from './pod-watch.ts';
import type { FencingPorts } from './ports.ts';
import type { Journal } from './report.ts';

/** The ports of a watch. */
export interface WatchPorts extends FencingPorts {
  /** The time of the API server, in milliseconds since 1970. */
  readonly now: () => number;
  /** Follows flow logs from a time of the API server on; undefined if none are named. */
  readonly follow?: ((since: number) => Promise<DenialLog>) | undefined;
}

/** Watches how a namespace on trial fares. */
export interface TrialWatch {
  /** Looks again, and tells what has changed since the last look. Throws nothing that may pass. */
  look(): Promise<void>;
  /** Ends the watch, and says how the namespace has fared, a message each. */
  fared(): Promise<readonly string[]>;
}

/** Begins to watch the Pods of a namespace, and the flow logs, if there are any. */
export async function watchTrial(namespace: string, ports: WatchPorts, journal: Journal): Promise<TrialWatch> {
  const pods = await watchPods(namespace, ports);
  const log = await ports.follow?.(ports.now());
  const denials = log && tellDenials(log, ports);
  return {
    async look() {
      await pods.look();
      denials?.look();
    },
    async fared() {
      const denied = await denials?.end();
      if (denied !== undefined) journal.deny(denied.denials);
      return [...pods.fared(), ...(denied?.lines ?? [])];
    },
  };
}
