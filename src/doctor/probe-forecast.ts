import type { RawObject } from '../kubernetes/object-meta.ts';
import { createEvaluator } from '../network/evaluator.ts';
import { createInventory } from '../network/inventory.ts';
import type { Verdict } from '../network/side.ts';

/** What there is in the namespace of a probe, as the API server sent it. */
export interface Surroundings {
  readonly namespace: RawObject;
  readonly policies: readonly RawObject[];
  readonly caller: RawObject;
  readonly listener: RawObject;
}

/**
 * What NetworkPolicies say of the connection of a probe, exactly. Policies add up: one of the
 * namespace may allow what the probe's own denies, and then a connection proves nothing.
 */
export function forecast({ namespace, policies, caller, listener }: Surroundings, port: number): Verdict {
  const taker = createInventory();
  const types = [
    ['v1', 'Namespace', [namespace]],
    ['v1', 'Pod', [caller, listener]],
    ['networking.k8s.io/v1', 'NetworkPolicy', policies],
  ] as const;
  for (const [apiVersion, kind, objects] of types)
    for (const object of objects) if (taker.add({ ...object, apiVersion, kind }, kind).length > 0) return 'undefined';
  const { world, podsByName } = taker.take();
  const podOf = ({ metadata }: RawObject) => podsByName.get(`${metadata.namespace ?? ''}/${metadata.name ?? ''}`);
  const [from, to] = [podOf(caller), podOf(listener)];
  if (from === undefined || to === undefined) return 'undefined';
  return createEvaluator(world).answer({ from: { pod: from }, to: { pod: to }, protocol: 'TCP', port }).verdict;
}
