import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { type Mode, modeIn, modes } from '../policy/mode.ts';
import { partsFor, withdrawnParts } from './desired.ts';
import { isLeftOver, isTrue } from './drift.ts';
import { reservedNames } from './names.ts';
import { type NamespaceView, needsBaseline } from './namespace.ts';
import type { ServerTime } from './ports.ts';
import { asOf, isStanding } from './trial.ts';

/**
 * The state of a namespace's baseline: not needed, correct, not correct, or deleted together with
 * the namespace.
 */
export const baselineStates = ['unfenced', 'true', 'untrue', 'terminating'] as const;
export type BaselineState = (typeof baselineStates)[number];

/** The number of namespaces that have this mode and this state. */
export interface Count {
  readonly mode: Mode;
  readonly baseline: BaselineState;
  readonly namespaces: number;
}

export interface CensusPorts {
  readonly namespaces: { values(): Iterable<NamespaceView> };
  readonly policies: { get(key: string): NetworkPolicy | undefined };
  readonly now: ServerTime;
}

/**
 * Counts the cached namespaces by mode and by the state of their baseline. The result contains
 * every pair, also those without a namespace. It may be called often: objects that have not changed
 * are not compared again. (To compare 5,000 namespaces takes 60 ms, in which every review would
 * wait.)
 */
export function createCensus({ namespaces, policies, now }: CensusPorts, config: () => Config): () => readonly Count[] {
  const compared = new WeakMap<NamespaceView, Compared>();

  function isBaselineTrue(namespace: NamespaceView, current: Config): boolean {
    const find = ({ name }: { readonly name: string }) => policies.get(`${namespace.name}/${name}`);
    const parts = partsFor(namespace.labels, current);
    const withdrawn = withdrawnParts(namespace.labels, current);
    const found = [...parts, ...withdrawn].map(find);
    const known = compared.get(namespace);
    if (known?.config === current && known.found.every((policy, index) => policy === found[index])) return known.isTrue;
    const answer =
      parts.every((part) => isTrue(find(part), part, namespace, current.taxonomy)) &&
      !withdrawn.some((part) => isLeftOver(find(part), part.spec));
    compared.set(namespace, { config: current, found, isTrue: answer });
    return answer;
  }

  function stateOf(cached: NamespaceView, current: Config): BaselineState {
    const namespace = asOf(cached, now());
    // A wall that still stands after its trial is as wrong as one that is missing.
    if (namespace.isTrialOver && reservedNames.some((name) => isStanding(policies.get(`${namespace.name}/${name}`))))
      return 'untrue';
    if (!needsBaseline(namespace, current)) return 'unfenced';
    if (namespace.terminating) return 'terminating';
    return isBaselineTrue(cached, current) ? 'true' : 'untrue';
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
 * The objects that were compared, and the result. The caches keep an object as long as it does not
 * change, so the same object means the same content.
 */
interface Compared {
  readonly config: Config;
  readonly found: readonly (NetworkPolicy | undefined)[];
  readonly isTrue: boolean;
}
