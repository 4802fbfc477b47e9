import type { Config } from '../../config/config.ts';
import type { AllowedPort } from '../../policy/network-config.ts';
import { identityLabels } from '../../policy/taxonomy.ts';
import type { BaselineNamespace, BaselinePart } from '../desired.ts';
import type { PartPeer } from '../part.ts';

/** An object of another kind of policy, and what a reader must know about fields of it. */
export interface Rendered {
  readonly object: Readonly<Record<string, unknown>>;
  readonly remarks: readonly Remark[];
}

/** A sentence about one field. It stands above the field in YAML. */
export interface Remark {
  readonly at: readonly (string | number)[];
  readonly text: string;
}

/** The metadata of an object in a namespace: the name of the part, and its identity labels. */
export function metadataOf(part: BaselinePart, namespace: BaselineNamespace, { taxonomy }: Config) {
  const labels = { ...Object.fromEntries(identityLabels(namespace.labels, taxonomy)), ...part.labels };
  return {
    name: part.name,
    namespace: namespace.name,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}

/** The peers that are Pods. */
export function podsAmong(peers: readonly PartPeer[]): readonly Extract<PartPeer, { namespace: string }>[] {
  return peers.filter((peer) => 'namespace' in peer);
}

/** The peers that are addresses. */
export function cidrsAmong(peers: readonly PartPeer[]): readonly string[] {
  return peers.flatMap((peer) => ('cidr' in peer ? [peer.cidr] : []));
}

/** Whether a port stands for one number. */
export function isSingle({ first, last }: AllowedPort): boolean {
  return first === last;
}

/** Parts of a list that have at most `size` entries each. */
export function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}
