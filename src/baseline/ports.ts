import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { RawNamespace } from '../kubernetes/object-meta.ts';
import type { CallLimits } from '../retry/limits.ts';

/** Reads a namespace live; undefined if it does not exist. */
export interface NamespaceGetter {
  get(name: string, options?: CallLimits): Promise<RawNamespace | undefined>;
}

/**
 * Reads a NetworkPolicy live, by name, because a list would wait for the watch cache; undefined if
 * it does not exist.
 */
export interface NetworkPolicyGetter {
  get(namespace: string, name: string, options?: CallLimits): Promise<NetworkPolicy | undefined>;
}

/**
 * Reads the version of the configuration in the cluster, as text: "0" if there is none. The read is
 * live and begins after the call. Throws if the version cannot be read.
 */
export type LiveVersion = () => Promise<string>;

/** A value sets a key, null removes it (RFC 7386). */
type Changes = Readonly<Record<string, string | null>>;

/**
 * The time of the API server, in milliseconds since 1970. The clock of this machine may be wrong,
 * and differs from that of another replica.
 */
export type ServerTime = () => number;

/** The writes that correct a baseline. Each throws if the API server refuses or does not answer. */
export interface NetworkPolicyWriter {
  /**
   * Forced server-side apply with Ringfence's own field manager. Creates the object if it is
   * missing. A resourceVersion in it is a precondition (an error with code 409). Resolves to the
   * stored object.
   */
  apply(policy: NetworkPolicy, options?: CallLimits): Promise<NetworkPolicy>;
  /**
   * Removes all ownerReferences. Throws an error with code 409 if the object has changed since
   * `resourceVersion`.
   */
  clearOwnerReferences(namespace: string, name: string, resourceVersion: string): Promise<unknown>;
  /**
   * Sets labels, or removes them with null, by a merge patch, whichever field manager owns them.
   */
  patchLabels(namespace: string, name: string, labels: Changes): Promise<unknown>;
  /** As `patchLabels`, for annotations. */
  patchAnnotations(namespace: string, name: string, annotations: Changes): Promise<unknown>;
}
