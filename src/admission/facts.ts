import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../network/network-policy.ts';
import { readPolicy } from '../network/read.ts';
import type { Policy } from '../network/rules.ts';
import type { NamespaceFacts, Surroundings } from '../policy/subject.ts';
import type { Labels } from '../policy/taxonomy.ts';

/** A namespace as the cache, or a live read, has it. */
export interface NamespaceView {
  readonly labels: Labels;
  readonly fenced: boolean;
  readonly terminating: boolean;
}

/** What the gate saw of a namespace, and of the wall in it. Structurally the answer of `baseline/gate.ts`. */
export type GateView =
  | {
      readonly exists: true;
      readonly labels: Labels;
      readonly fenced: boolean;
      readonly wall: 'there' | 'made' | 'not-needed' | 'dry-run' | 'terminating' | 'missing';
    }
  | { readonly exists: false };

/** The gate: a live read of a namespace's facts, which with `ensure` makes the wall where it is missing. Throws where it is in doubt. */
export interface Gate {
  facts(namespace: string, options: { readonly ensure: boolean; readonly dryRun: boolean }): Promise<GateView>;
}

/** The caches of the informers; they may lag, and are never trusted in enforce. */
export interface Caches {
  namespace(name: string): NamespaceView | undefined;
  /** The NetworkPolicies of a namespace. */
  networkPolicies(namespace: string): Iterable<NetworkPolicy>;
  /** The NetworkPolicies, of all namespaces, that name a namespace by `kubernetes.io/metadata.name`. */
  policiesNaming(namespace: string): Iterable<NetworkPolicy>;
  /** Whether the cached `deny-all-baseline` of a namespace is there and as desired. */
  isWalled(namespace: string): boolean;
}

/** Facts for the checks, and whether a Pod may enter at all. */
export interface Facts {
  readonly namespace: NamespaceFacts;
  /** Why a Pod cannot enter a fenced namespace now; undefined where nothing stands in its way. */
  readonly barred: string | undefined;
  /** What the gate did, for the audit line. */
  readonly wall: string | undefined;
}

/**
 * The facts of a namespace for one review. In enforce they are read live, through the gate. In observe and warn the cache serves,
 * and the gate is asked where the cache knows nothing, or knows a fenced namespace without its wall; doubt is reported, never thrown.
 */
export async function gatherFacts(
  name: string,
  options: { readonly ensure: boolean; readonly dryRun: boolean },
  ports: { readonly gate: Gate; readonly caches: Caches },
  config: Config,
): Promise<Facts> {
  if (config.mode !== 'enforce') {
    const cached = ports.caches.namespace(name);
    if (cached !== undefined && (!cached.fenced || !options.ensure || ports.caches.isWalled(name))) {
      return {
        namespace: { known: true, labels: cached.labels, fenced: cached.fenced },
        barred: undefined,
        wall: undefined,
      };
    }
  }
  try {
    const seen = await ports.gate.facts(name, options);
    if (!seen.exists) return doubt(`namespace ${name} was not found`);
    const barred =
      options.ensure && seen.fenced && seen.wall === 'terminating'
        ? `namespace ${name} is being deleted, and its baseline is not there any more`
        : undefined;
    return { namespace: { known: true, labels: seen.labels, fenced: seen.fenced }, barred, wall: seen.wall };
  } catch (error) {
    return doubt(error instanceof Error ? error.message : `namespace ${name} could not be read`);
  }
}

function doubt(reason: string): Facts {
  return { namespace: { known: false, reason }, barred: reason, wall: undefined };
}

/** What the caches know around a NetworkPolicy: other namespaces' labels, and the other policies of its own. */
export function surroundingsOf(namespace: string, name: string, caches: Caches): Surroundings {
  return {
    namespaceLabels: (other) => caches.namespace(other)?.labels,
    // Read only by the checks that ask.
    get policies() {
      return [...caches.networkPolicies(namespace)].flatMap((policy) => {
        if (policy.metadata.name === name) return [];
        return readOnce(policy) ?? [];
      });
    },
  };
}

/** What was read of the policies in the cache: one is read once, however many reviews ask. */
const readings = new WeakMap<NetworkPolicy, { readonly policy: Policy | undefined }>();

function readOnce(raw: NetworkPolicy): Policy | undefined {
  const known = readings.get(raw);
  if (known !== undefined) return known.policy;
  const read = readPolicy(raw.spec, { namespace: raw.metadata.namespace ?? '', name: raw.metadata.name ?? '' });
  const policy = 'policy' in read ? read.policy : undefined;
  readings.set(raw, { policy });
  return policy;
}
