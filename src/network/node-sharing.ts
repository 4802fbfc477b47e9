import { addTo, type BitSet, emptySet, has } from './bit-set.ts';
import type { PodClass } from './classes.ts';

/** Whether some pod of a class may run on the node of some pod on the host's network. */
export type NodeSharing = (one: PodClass, host: PodClass) => boolean;

/**
 * Compares the addresses of pods' nodes with those of pods on the host's network. Traffic between a
 * pod and its own node is always allowed by NetworkPolicies, and a pod on the host's network has
 * the address of its node.
 */
export function findNodeSharing(classes: readonly PodClass[]): NodeSharing {
  const hostsByNode = new Map<string, number[]>();
  for (const { index, pods } of classes) {
    for (const pod of pods) {
      if (!pod.hostNetwork) continue;
      for (const { family, value } of [...pod.addresses, ...pod.nodeAddresses]) {
        const node = `${family}:${value}`;
        hostsByNode.set(node, [...(hostsByNode.get(node) ?? []), index]);
      }
    }
  }
  const sharing = new Map<number, BitSet>();
  for (const { index, pods } of hostsByNode.size === 0 ? [] : classes) {
    for (const { nodeAddresses } of pods) {
      for (const { family, value } of nodeAddresses) {
        for (const host of hostsByNode.get(`${family}:${value}`) ?? []) {
          const members = sharing.get(host) ?? emptySet(classes.length);
          addTo(members, index);
          sharing.set(host, members);
        }
      }
    }
  }
  return (one, host) => {
    const members = sharing.get(host.index);
    return members !== undefined && has(members, one.index);
  };
}
