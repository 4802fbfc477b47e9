import type { Gate } from '../baseline/gate.ts';
import type { NamespaceView as BaselineView } from '../baseline/namespace.ts';
import type { CachedPolicy } from '../baseline/wall.ts';
import type { Config } from '../config/config.ts';
import type { Budget } from '../network/budget.ts';
import { type Neighbour, readNeighbour } from '../network/neighbour.ts';
import { type ModeChoice, modeIn } from '../policy/mode.ts';
import type { NamespaceFacts, Surroundings } from '../policy/subject.ts';
import { type Hint, modeInDoubt } from './doubt.ts';
import type { Steps } from './turns.ts';

/** A namespace as far as reviews ask: from the cache, or read live. */
export type NamespaceView = Pick<BaselineView, 'labels' | 'fenced' | 'terminating'>;

/** The caches of the informers; they may lag, and are never trusted in enforce. */
export interface Caches {
  namespace(name: string): NamespaceView | undefined;
  /** The NetworkPolicies of a namespace. */
  networkPolicies(namespace: string): Iterable<CachedPolicy>;
  /**
   * The NetworkPolicies, of all namespaces, that name a namespace by `kubernetes.io/metadata.name`.
   */
  policiesNaming(namespace: string): Iterable<CachedPolicy>;
  /** Whether the cached `deny-all-baseline` of a namespace is there and as desired. */
  isWalled(namespace: string): boolean;
}

/** Facts for the checks, and whether a Pod may enter at all. */
export interface Facts {
  readonly namespace: NamespaceFacts;
  /** The mode that holds there. */
  readonly choice: ModeChoice;
  /** Why a Pod cannot enter a fenced namespace now; undefined where nothing stands in its way. */
  readonly barred: string | undefined;
  /** What the gate did, for the audit line. */
  readonly wall: string | undefined;
}

/**
 * The facts of a namespace for one review, its mode among them. In enforce they are read live,
 * through the gate. In observe and warn the cache serves, and the gate is asked where the cache
 * knows nothing, knows a fenced namespace without its wall, or where the API server asked by the
 * entry of namespaces that enforce; doubt is reported, never thrown.
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
    let seen = await ports.gate.facts(name, options);
    // The gate believes a cache that agrees with the wall, and the wall does not carry the mode:
    // the API server knows better.
    if (hint === 'enforced' && seen.exists && modeIn(seen.labels, config.mode).mode !== 'enforce')
      seen = await ports.gate.facts(name, { ...options, fresh: true });
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
 * What the caches know around a NetworkPolicy: other namespaces' labels, and the other policies of
 * its own. What the review may still cost comes with it.
 */
export function surroundingsOf(namespace: string, name: string, caches: Caches, budget: Budget): Surroundings {
  let known: Pick<Surroundings, 'policies' | 'morePolicies'> | undefined;
  const others = () => {
    known ??= othersIn(namespace, name, caches, budget);
    return known;
  };
  return {
    namespaceLabels: (other) => caches.namespace(other)?.labels,
    budget,
    // Read only by the checks that ask.
    get policies() {
      return others().policies;
    },
    get morePolicies() {
      return others().morePolicies;
    },
  };
}

/** The other policies, as far as they are kept and the budget reaches. */
function othersIn(
  namespace: string,
  name: string,
  caches: Caches,
  budget: Budget,
): Pick<Surroundings, 'policies' | 'morePolicies'> {
  const policies: Neighbour[] = [];
  let [count, left] = [0, 0];
  for (const raw of caches.networkPolicies(namespace)) {
    if (raw.metadata.name === name) continue;
    count += 1;
    const other = readOnce(raw, budget.policyWork);
    // What was read before costs the same, so an answer never depends on who asked earlier.
    if (other !== undefined && budget.takeWork(other.work)) policies.push(other);
    else left += 1;
  }
  const morePolicies =
    left === 0 ? undefined : `${left} of the ${count} other NetworkPolicies of namespace ${namespace} are too large`;
  return { policies, morePolicies };
}

/**
 * Reads the policies of a namespace that no review has read yet, one in each step. Afterwards
 * {@link surroundingsOf} takes no time to speak of.
 */
export function* readOthers(namespace: string, caches: Caches, { policyWork }: Budget): Steps<void> {
  for (const raw of caches.networkPolicies(namespace)) {
    if (readings.has(raw)) continue;
    readOnce(raw, policyWork);
    yield;
  }
}

/** Bytes of heap of the policies of a namespace that no review has read yet. */
export function unreadBytes(namespace: string, caches: Caches): number {
  let bytes = 0;
  for (const raw of caches.networkPolicies(namespace)) if (!readings.has(raw)) bytes += raw.bytes ?? 0;
  return bytes;
}

/** What was read of the policies in the cache: one is read once, however many reviews ask. */
const readings = new WeakMap<CachedPolicy, { readonly neighbour: Neighbour | undefined }>();

/** Undefined where it is not kept, or has more entries than `entryLimit`. */
function readOnce(raw: CachedPolicy, entryLimit: number): Neighbour | undefined {
  if (raw.isLeftOut !== undefined) return undefined;
  const known = readings.get(raw);
  if (known !== undefined) return known.neighbour;
  const { namespace = '', name = '' } = raw.metadata;
  const neighbour = readNeighbour(raw.spec, { namespace, name }, entryLimit);
  readings.set(raw, { neighbour });
  return neighbour;
}
