// The live reads of exposures, from objects in memory.
import { createExposedPods } from '../../src/admission/exposed-pods.ts';
import type { ExposurePorts } from '../../src/admission/exposure-world.ts';
import { textAt } from '../../src/kubernetes/raw-object.ts';

/** Reads the array at each call, so that a test may add to it. */
export function exposureOf(objects: readonly object[]): ExposurePorts {
  const ofKind = (kind: string, namespace: string) =>
    objects.filter(
      (one) => textAt(one, 'kind') === kind && (textAt(one, 'metadata', 'namespace') ?? 'shop') === namespace,
    );
  const get =
    (kind: string) =>
    async ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
      ofKind(kind, namespace).find((one) => textAt(one, 'metadata', 'name') === name);
  return {
    service: get('Service'),
    gateway: get('Gateway'),
    grants: async (namespace) => ({ objects: ofKind('ReferenceGrant', namespace), isWhole: true }),
    async pods(namespace) {
      const taker = createExposedPods();
      for (const kind of ['Pod', 'Deployment', 'ReplicaSet'])
        for (const one of ofKind(kind, namespace)) taker.add(one, 'here');
      return taker.take();
    },
  };
}
