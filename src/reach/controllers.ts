import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { Inventory } from '../network/inventory.ts';
import type { Pod } from '../network/world.ts';
import { isIngressController } from '../policy/exposed-unexpected.ts';
import type { NamedPeer } from '../policy/network-config.ts';
import type { Note } from './note.ts';

/**
 * Adds a Pod for each ingress controller of the configuration that has none here, as manifests of
 * an application do not contain its controller. It has the labels that the configuration names, and
 * no others.
 */
export function withControllers(
  inventory: Inventory,
  peers: readonly NamedPeer[],
): { readonly inventory: Inventory; readonly notes: readonly Note[] } {
  const { world } = inventory;
  const missing = peers.filter(
    (peer) =>
      peer.role === 'ingress' &&
      peer.namespace !== undefined &&
      !world.pods.some((pod) => isIngressController(pod, [peer])),
  );
  if (missing.length === 0) return { inventory, notes: [] };
  const pods = missing.map(assumedPod);
  const namespaces = new Map(world.namespaces);
  for (const { namespace } of pods)
    if (!namespaces.has(namespace)) namespaces.set(namespace, new Map([[metadataNameLabel, namespace]]));
  const names = pods.map(({ namespace, name }) => `${namespace}/${name}`);
  const message = `no Pod of ${names.join(', ')} here: one is assumed, with the labels of the configuration only`;
  return {
    inventory: { ...inventory, world: { ...world, namespaces, pods: [...world.pods, ...pods] } },
    notes: [{ id: 'controller-assumed', message, objects: names, overlooked: false, namespaces: [] }],
  };
}

function assumedPod({ name, namespace = '', podLabels }: NamedPeer): Pod {
  return {
    namespace,
    name,
    labels: new Map(Object.entries(podLabels)),
    addresses: [],
    hostNetwork: false,
    nodeAddresses: [],
    ports: [],
  };
}
