import { isReservedName } from '../baseline/names.ts';
import { type CachedPolicy, readNetworkPolicy } from '../baseline/wall.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import { bytesOf, measure } from '../network/extent.ts';
import { namespacesNamedBy } from './named-namespaces.ts';

/** What the cache keeps of the NetworkPolicies of the cluster. */
export interface KeptPolicies {
  /**
   * What is kept of a policy as the API server sends it. `unchanged` is what is kept of the same
   * version already.
   */
  keep(raw: RawObject, unchanged?: CachedPolicy): CachedPolicy;
  /** A policy is gone. */
  forget(policy: CachedPolicy): void;
  /**
   * These are all policies after a full list. A list that failed may have kept others, whose end
   * nobody reports.
   */
  retain(policies: Iterable<CachedPolicy>): void;
}

/** Bytes of heap for the specifications that are kept. */
export interface KeptLimits {
  readonly perNamespace: number;
  /** For each namespace, whatever the others use. */
  readonly free: number;
  /** For all namespaces together, beyond `free`. */
  readonly inAll: number;
}

/**
 * A policy of five peers takes 2 KiB, and one with 1,800 address blocks 400 KiB. All namespaces
 * together may have a quarter of the Deployment's heap.
 */
export const defaultKeptLimits: KeptLimits = {
  perNamespace: 4 * 1024 * 1024,
  free: 64 * 1024,
  inAll: 64 * 1024 * 1024,
};

/**
 * Keeps policies within the limits, which count specifications, labels and owners. For a policy
 * beyond them, keeps only the name and the namespaces that it names; a review that would need more
 * is in doubt. A policy with a name of the baseline is always kept if it takes at most `free`
 * bytes.
 * @param onLeftOut called for each policy that is not kept
 */
export function keepPolicies(onLeftOut: () => void, limits: KeptLimits = defaultKeptLimits): KeptPolicies {
  const namespaces = new Map<string, Held>();
  let inAll = 0;

  /** Whether there is room for a policy if it replaces what is kept of it. */
  function take(policy: Measured): boolean {
    const { namespace = '', name = '' } = policy.metadata;
    release(namespace, name);
    const held = namespaces.get(namespace) ?? { policies: new Map<string, Measured>(), bytes: 0 };
    const bytes = held.bytes + policy.bytes;
    const hasRoom = bytes <= limits.free || (bytes <= limits.perNamespace && inAll + policy.bytes <= limits.inAll);
    if (!hasRoom && !(isReservedName(name) && policy.bytes <= limits.free)) return false;
    held.policies.set(name, policy);
    held.bytes = bytes;
    inAll += policy.bytes;
    namespaces.set(namespace, held);
    return true;
  }

  function release(namespace: string, name: string): void {
    const held = namespaces.get(namespace);
    const policy = held?.policies.get(name);
    if (held === undefined || policy === undefined) return;
    held.policies.delete(name);
    held.bytes -= policy.bytes;
    inAll -= policy.bytes;
    if (held.policies.size === 0) namespaces.delete(namespace);
  }

  return {
    keep(raw, unchanged) {
      // There may be room now for a policy that was left out.
      if (unchanged !== undefined && unchanged.isLeftOut === undefined) return unchanged;
      const read = readNetworkPolicy(raw);
      const names = namespacesNamedBy(read.spec);
      const { labels, ownerReferences } = read.metadata;
      const extent = measure([read.spec, labels, ownerReferences], limits.perNamespace / leastBytes);
      const policy = { ...read, bytes: policyBytes + names.size * nameBytes + bytesOf(extent) };
      if (take(policy)) return policy;
      onLeftOut();
      const { namespace = '', name = '' } = read.metadata;
      return {
        ...read,
        metadata: { namespace, name },
        spec: {},
        isLeftOut: { names: [...names].slice(0, namesLimit) },
      };
    },
    forget(policy) {
      const { namespace = '', name = '' } = policy.metadata;
      // A policy of the same name that was created since then stays.
      if (namespaces.get(namespace)?.policies.get(name) === policy) release(namespace, name);
    },
    retain(policies) {
      const all = new Set(policies);
      for (const [namespace, held] of [...namespaces])
        for (const [name, policy] of [...held.policies]) if (!all.has(policy)) release(namespace, name);
    },
  };
}

/** The policies of one namespace. */
interface Held {
  readonly policies: Map<string, Measured>;
  bytes: number;
}

type Measured = CachedPolicy & { readonly bytes: number };

/** Its metadata, and its places in the cache. */
const policyBytes = 1_000;

/** The entry of a namespace in the list of those that policies name. */
const nameBytes = 200;

/** No value takes less, so no specification with more values has room. */
const leastBytes = 48;

/**
 * Five times as many as a policy of a namespace that enforces may name (see `readNamedLive`). A
 * change of the namespaces beyond this number is not judged by this policy.
 */
const namesLimit = 100;
