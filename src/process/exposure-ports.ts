import { createExposedPods } from '../admission/exposed-pods.ts';
import type { ExposurePorts } from '../admission/exposure-world.ts';
import { shareNext } from '../baseline/shared-read.ts';
import { exposureReferences, residents } from '../cluster/resources.ts';
import { apiVersionOf, isWorkloadKind, kinds } from '../kubernetes/kinds.ts';
import type { CallLimits } from '../retry/limits.ts';
import type { Connections } from './connections.ts';

/** All lists of a namespace together. The timeout of the webhook is 5 s. */
const listsTimeoutMs = 3_500;

const kindsWithPods = kinds.filter(({ kind }) => kind === 'Pod' || isWorkloadKind(kind));

/** Returns the live reads of exposures. Reviews share the Pods of a namespace. */
export function exposurePorts(
  { reviews, lists }: Pick<Connections, 'reviews' | 'lists'>,
  limits: CallLimits,
): ExposurePorts {
  const references = exposureReferences(reviews);
  const residentCalls = residents(lists);
  return {
    service: ({ namespace, name }) => references.service(namespace, name, limits),
    gateway: ({ namespace, name }) => references.gateway(namespace, name, limits),
    grants: (namespace) => references.grants(namespace, limits),
    pods: shareNext(async (namespace) => {
      const taker = createExposedPods();
      const signal = AbortSignal.timeout(listsTimeoutMs);
      const read = kindsWithPods.map((kind) => {
        // The items of a list do not contain their apiVersion and kind.
        const type = { apiVersion: apiVersionOf(kind), kind: kind.kind };
        return residentCalls.each(namespace, kind, (raw) => taker.add({ ...raw, ...type }, 'the cluster'), { signal });
      });
      try {
        await Promise.all(read);
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new Error(
          `the Pods and workloads of namespace ${namespace} are too many to read in ${listsTimeoutMs} ms`,
        );
      }
      return taker.take();
    }),
  };
}
