import { createExposedPods, type ExposedPods, findUnexpected, isJudged } from '../admission/exposed-pods.ts';
import type { Config } from '../config/config.ts';
import type { LoadedDocument } from '../documents/document.ts';
import { createExposures, type Exposure, podsBehind } from '../exposure/exposure.ts';
import type { Finding } from '../policy/check.ts';
import { actUnder } from '../policy/evaluate.ts';
import { exposedUnexpected } from '../policy/exposed-unexpected.ts';
import { modeIn } from '../policy/mode.ts';
import type { Inventory } from './inventory.ts';

/** What the documents expose to the outside, and what is wrong with it. */
export interface ExposureJudge {
  /** Returns the exposure that a document is; undefined if it lets nobody in. */
  exposureOf(document: LoadedDocument): Exposure | undefined;
  /** The findings on an exposure, one for each of its fields and each fault. */
  judge(exposure: Exposure): readonly Finding[];
  /**
   * Workloads that say expose="true" and to which nothing here leads, in namespaces where something
   * is exposed. That is no fault: what leads to them may be elsewhere.
   */
  unreached(): readonly string[];
}

/**
 * Reads what exposes from all known documents. The first of two with one name counts, so those that
 * are judged come first. Pods are read only in namespaces to which something leads.
 */
export function createExposureJudge(inventory: Inventory, config: Config): ExposureJudge {
  const taker = createExposures();
  // Objects without a namespace are together in one, whatever its name is.
  const namespaceOf = ({ object }: LoadedDocument): string => inventory.namespaceOf(object) ?? '';
  for (const document of inventory.documents) taker.add(document.object, namespaceOf(document));
  const exposures = taker.take((name) => {
    const facts = inventory.namespaceFacts(name);
    return facts.known ? facts.labels : undefined;
  });
  let byNamespace: ReadonlyMap<string, readonly LoadedDocument[]> | undefined;
  const read = new Map<string, ExposedPods>();

  function podsIn(namespace: string): ExposedPods {
    byNamespace ??= Map.groupBy(inventory.documents, namespaceOf);
    const pods = read.get(namespace) ?? readPods(byNamespace.get(namespace) ?? []);
    read.set(namespace, pods);
    return pods;
  }

  return {
    exposureOf: (document) => exposures.of(document.object, namespaceOf(document)),
    judge(exposure) {
      const facts = inventory.namespaceFacts(exposure.namespace);
      const choice = modeIn(facts.known ? facts.labels : new Map(), 'enforce');
      return findUnexpected(exposure, podsIn, config).map((violation) => ({
        ...violation,
        check: exposedUnexpected.id,
        ...actUnder(exposedUnexpected, choice, config),
      }));
    },
    unreached() {
      const leads = exposures.all.flatMap((exposure) => exposure.leads);
      const reached = new Set(leads.flatMap((lead) => podsBehind(lead, (name) => podsIn(name).pods)));
      const namespaces = new Set(leads.flatMap(({ service }) => service?.namespace ?? []));
      return [...namespaces].flatMap((namespace) => {
        const { pods, nameOf } = podsIn(namespace);
        const left = pods.filter(
          (pod) => pod.labels.get('expose') === 'true' && !reached.has(pod) && isJudged(pod, namespace, config),
        );
        return [...new Set(left.map((pod) => (namespace === '' ? nameOf(pod) : `${namespace}/${nameOf(pod)}`)))];
      });
    },
  };
}

function readPods(documents: readonly LoadedDocument[]): ExposedPods {
  const taker = createExposedPods();
  for (const { object, file, line } of documents) taker.add(object, `${file}:${line}`);
  return taker.take();
}
