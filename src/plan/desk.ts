import type { Inventory } from '../network/inventory.ts';
import type { Pod, World } from '../network/world.ts';
import { createDesk, type Desk } from '../reach/desk.ts';

/** A desk for a world, whose Pods are known by their workloads. */
export function deskOf(world: World, ownerOf: Inventory['ownerOf']): Desk {
  const inventory: Inventory = {
    world,
    ownerOf,
    podsByName: new Map(world.pods.map((pod): [string, Pod] => [`${pod.namespace}/${pod.name}`, pod])),
    absent: new Map(),
    services: new Map(),
    undescribed: [],
    others: new Map(),
    unknown: [],
    otherPolicies: [],
    unlisted: [],
    idlePolicies: [],
  };
  return createDesk(inventory, [], { podNetworks: world.podNetworks });
}
