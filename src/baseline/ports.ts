import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { RawNamespace } from '../kubernetes/object-meta.ts';
import type { CallLimits } from '../retry/limits.ts';

/** Reads a namespace live; undefined where there is none. */
export interface NamespaceGetter {
  get(name: string, options?: CallLimits): Promise<RawNamespace | undefined>;
}

/**
 * Reads a NetworkPolicy live, by name (a list would wait for the watch cache); undefined where
 * there is none.
 */
export interface NetworkPolicyGetter {
  get(namespace: string, name: string, options?: CallLimits): Promise<NetworkPolicy | undefined>;
}

/**
 * The version of the configuration that the cluster holds now, as text: "0" where it holds none.
 * Always a live read that begins after the call. Throws where it cannot be told.
 */
export type LiveVersion = () => Promise<string>;

/**
 * The writes that keep a baseline true. Each answers with the object as it is stored then, and
 * throws where there is no such answer.
 */
export interface NetworkPolicyWriter {
  /** Server-side apply, forced, with our own field manager. Creates what is missing. */
  apply(policy: NetworkPolicy, options?: CallLimits): Promise<NetworkPolicy>;
  /**
   * Takes all ownerReferences away; refused (409) where the object has changed since
   * `resourceVersion`.
   */
  clearOwnerReferences(namespace: string, name: string, resourceVersion: string): Promise<unknown>;
  /**
   * Merge patch of metadata.labels: a value is set, null takes the label away, whoever manages it.
   */
  patchLabels(namespace: string, name: string, labels: Readonly<Record<string, string | null>>): Promise<unknown>;
}
