import type { Gate } from '../baseline/gate.ts';
import type { CachedPolicy } from '../baseline/wall.ts';
import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { Budget } from '../network/budget.ts';
import { type Neighbour, readNeighbour } from '../network/neighbour.ts';
import { type ModeChoice, modeIn } from '../policy/mode.ts';
import type { NamespaceFacts, OtherPolicies, Surroundings } from '../policy/subject.ts';
import { agree } from '../wording/number.ts';
import { type Hint, modeInDoubt } from './doubt.ts';
import type { CachedNamespace } from './kept-namespaces.ts';
import type { Steps } from './turns.ts';

/** The facts of a namespace that reviews need, from the cache or read live. */
export type NamespaceView = Pick<
  CachedNamespace,
  'labels' | 'fenced' | 'trialUntil' | 'isTrialOver' | 'terminating' | 'hasMoreLabels'
>;

/** The caches of the informers. They may lag, so enforce does not rely on them alone. */
export interface Caches {
  namespace(name: string): NamespaceView | undefined;
  /** The NetworkPolicies of a namespace. */
  networkPolicies(namespace: string): Iterable<CachedPolicy>;
  /**
   * The NetworkPolicies of all namespaces that name a namespace by `kubernetes.io/metadata.name`.
   */
  policiesNaming(namespace: string): Iterable<CachedPolicy>;
  /** Whether the cached `deny-all-baseline` of a namespace exists and is correct. */
  isWalled(namespace: string): boolean;
}

/** The facts for the checks, and whether a Pod can be admitted at all. */
export interface Facts {
  readonly namespace: NamespaceFacts;
  /** The mode of the namespace. */
  readonly choice: ModeChoice;
  /** Why no Pod can be admitted to the fenced namespace now; undefined if Pods can be. */
  readonly barred: string | undefined;
  /** What the gate did, for the audit line. */
  readonly wall: string | undefined;
}

/**
 * Gathers the facts of a namespace for one review, including its mode. In enforce, the gate reads
 * them live. In observe and warn they come from the cache. There the gate is asked only if the
 * cache does not have the namespace, if a fenced namespace lacks its wall, or if the API server
 * called the entry for namespaces that enforce. Doubt is reported and never thrown.
 */
export async function gatherFacts(
  name: string,
  { hint, ...options }: { readonly ensure: boolean; readonly dryRun: boolean; readonly hint: Hint },
  ports: { readonly gate: Gate; readonly caches: Caches },
  config: Config,
): Promise<Facts> {
  const cached = ports.caches.namespace(name);
  const known = cached === undefined ? undefined : modeIn(cached.labels, config.mode);
  if (cached !== undefined && known !== undefined && known.mode !== 'enforce' && hint !== 'enforced') {
    if (!cached.fenced || !options.ensure || ports.caches.isWalled(name)) {
      return {
        namespace: { known: true, labels: cached.labels, fenced: cached.fenced },
        choice: known,
        barred: undefined,
        wall: undefined,
      };
    }
  }
  const doubtful = known !== undefined && hint === undefined ? known : modeInDoubt(hint, config.mode);
  try {
    const begun = performance.now();
    let seen = await ports.gate.facts(name, options);
    // The gate uses a cache that agrees with the wall, but the wall does not carry the mode. If the
    // API server called the entry for enforce, the cached mode is out of date.
    if (hint === 'enforced' && seen.exists && modeIn(seen.labels, config.mode).mode !== 'enforce')
      seen = await ports.gate.facts(name, { ...options, fresh: true, spentMs: performance.now() - begun });
    if (!seen.exists) return unknown(`namespace ${name} was not found`, doubtful);
    const { labels, fenced, wall } = seen;
    const barred =
      options.ensure && fenced && wall === 'terminating'
        ? `namespace ${name} is being deleted, and its baseline is not there any more`
        : undefined;
    return { namespace: { known: true, labels, fenced }, choice: modeIn(labels, config.mode), barred, wall };
  } catch (error) {
    return unknown(error instanceof Error ? error.message : `namespace ${name} could not be read`, doubtful);
  }
}

function unknown(reason: string, choice: ModeChoice): Facts {
  return { namespace: { known: false, reason }, choice, barred: reason, wall: undefined };
}

/**
 * Returns the surroundings of a NetworkPolicy from the caches: the labels of other namespaces, and
 * the other policies of its own namespace. The budget of the review comes with them.
 */
export function surroundingsOf(
  namespace: string,
  name: string,
  caches: Caches,
  budget: Budget,
  beside: Pick<Surroundings, 'isJudgedLater'> = {},
): Surroundings {
  let known: OtherPolicies | undefined;
  return {
    ...beside,
    namespaceLabels: (other) => allLabels(other, caches),
    budget,
    others() {
      known ??= othersIn(namespace, name, caches, budget);
      return known;
    },
  };
}

/** Returns all labels of a namespace. Undefined if the cache does not have all of them. */
export function allLabels(namespace: string, caches: Pick<Caches, 'namespace'>): Labels | undefined {
  const view = caches.namespace(namespace);
  return view?.hasMoreLabels === undefined ? view?.labels : undefined;
}

/** The other policies that the cache keeps, as far as the budget is enough to compare with them. */
function othersIn(namespace: string, name: string, caches: Caches, budget: Budget): OtherPolicies {
  const policies: Neighbour[] = [];
  let [count, left] = [0, 0];
  for (const raw of caches.networkPolicies(namespace)) {
    if (raw.metadata.name === name) continue;
    count += 1;
    const other = readOnce(raw, budget.policyWork);
    // A policy that was read before costs the same, so answers do not depend on earlier reviews.
    if (other !== undefined && budget.takeWork(other.work)) policies.push(other);
    else left += 1;
  }
  const more =
    left === 0
      ? undefined
      : `${left} of the ${count} other NetworkPolicies of namespace ${namespace} ${agree(left, 'is', 'are')} too large`;
  return { policies, more };
}

/**
 * Reads the policies of a namespace that no review has read yet, one in each step, so that
 * {@link surroundingsOf} need not read them.
 */
export function* readOthers(namespace: string, caches: Caches, { policyWork }: Budget): Steps<void> {
  for (const raw of caches.networkPolicies(namespace)) {
    if (readings.has(raw)) continue;
    readOnce(raw, policyWork);
    yield;
  }
}

/** Returns the bytes of heap of the policies of a namespace that no review has read yet. */
export function unreadBytes(namespace: string, caches: Caches): number {
  let bytes = 0;
  for (const raw of caches.networkPolicies(namespace)) if (!readings.has(raw)) bytes += raw.bytes ?? 0;
  return bytes;
}

/** The results of reading cached policies, so that each is read once for all reviews. */
const readings = new WeakMap<CachedPolicy, { readonly neighbour: Neighbour | undefined }>();

/** Undefined if the cache does not keep it, or if it has more entries than `entryLimit`. */
function readOnce(raw: CachedPolicy, entryLimit: number): Neighbour | undefined {
  if (raw.isLeftOut !== undefined) return undefined;
  const known = readings.get(raw);
  if (known !== undefined) return known.neighbour;
  const { namespace = '', name = '' } = raw.metadata;
  const neighbour = readNeighbour(raw.spec, { namespace, name }, entryLimit);
  readings.set(raw, { neighbour });
  return neighbour;
}
