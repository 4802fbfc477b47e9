import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { type Mode, modeIn, modes } from '../policy/mode.ts';
import { baselineParts } from './desired.ts';
import { isTrue } from './drift.ts';
import { type NamespaceView, needsBaseline } from './namespace.ts';

/** The baseline of a namespace: not wanted, as it must be, not so, or going with its namespace. */
export const baselineStates = ['unfenced', 'true', 'untrue', 'terminating'] as const;
export type BaselineState = (typeof baselineStates)[number];

/** How many namespaces are of a mode and a state. */
export interface Count {
  readonly mode: Mode;
  readonly baseline: BaselineState;
  readonly namespaces: number;
}

export interface CensusPorts {
  readonly namespaces: { values(): Iterable<NamespaceView> };
  readonly policies: { get(key: string): NetworkPolicy | undefined };
}

/**
 * Counts the namespaces of the caches by mode and by the state of their baseline; every pair is
 * there, those of none too. It may be asked often: what has not changed since is not compared again
 * (5,000 namespaces take 60 ms to compare, and a review would wait so long).
 */
export function createCensus({ namespaces, policies }: CensusPorts, config: () => Config): () => readonly Count[] {
  const compared = new WeakMap<NamespaceView, Compared>();

  function isBaselineTrue(namespace: NamespaceView, current: Config): boolean {
    const parts = baselineParts(current);
    const found = parts.map(({ name }) => policies.get(`${namespace.name}/${name}`));
    const known = compared.get(namespace);
    if (known?.config === current && known.found.every((policy, index) => policy === found[index])) return known.isTrue;
    const answer = parts.every(({ spec }, index) => isTrue(found[index], spec, namespace.labels, current.taxonomy));
    compared.set(namespace, { config: current, found, isTrue: answer });
    return answer;
  }

  function stateOf(namespace: NamespaceView, current: Config): BaselineState {
    if (!needsBaseline(namespace, current)) return 'unfenced';
    if (namespace.terminating) return 'terminating';
    return isBaselineTrue(namespace, current) ? 'true' : 'untrue';
  }

  return () => {
    const current = config();
    const counts = new Map(modes.map((mode) => [mode, new Map(baselineStates.map((state) => [state, 0]))]));
    for (const namespace of namespaces.values()) {
      const states = counts.get(modeIn(namespace.labels, current.mode).mode);
      const state = stateOf(namespace, current);
      states?.set(state, (states.get(state) ?? 0) + 1);
    }
    return modes.flatMap((mode) =>
      baselineStates.map((baseline) => ({ mode, baseline, namespaces: counts.get(mode)?.get(baseline) ?? 0 })),
    );
  };
}

/**
 * What was compared, and what came of it: the caches keep an object as long as it does not change.
 */
interface Compared {
  readonly config: Config;
  readonly found: readonly (NetworkPolicy | undefined)[];
  readonly isTrue: boolean;
}
