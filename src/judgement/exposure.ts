import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { LoadedDocument } from '../documents/document.ts';
import { createExposures, type Exposure, type Lead, podsBehind } from '../exposure/exposure.ts';
import { own, recordOf, textAt } from '../kubernetes/raw-object.ts';
import { createInventory } from '../network/inventory.ts';
import type { Pod } from '../network/world.ts';
import type { Finding } from '../policy/check.ts';
import { actUnder } from '../policy/evaluate.ts';
import { exposedUnexpected, isIngressController, unexpected } from '../policy/exposed-unexpected.ts';
import { modeIn } from '../policy/mode.ts';
import { shortField } from '../policy/opening.ts';
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
  const read = new Map<string, Residents>();

  function residentsOf(namespace: string): Residents {
    byNamespace ??= Map.groupBy(inventory.documents, namespaceOf);
    const residents = read.get(namespace) ?? readResidents(byNamespace.get(namespace) ?? []);
    read.set(namespace, residents);
    return residents;
  }

  const podsOf = (namespace: string): readonly Pod[] => residentsOf(namespace).pods;

  /** Pods of exempt namespaces have no labels of Ringfence, and controllers are there to expose. */
  function isJudged(pod: Pod, namespace: string): boolean {
    const named = { ...pod, namespace };
    return !isExempt(namespace, config) && !isIngressController(named, config.network.peers);
  }

  function judgeLead(lead: Lead, exposure: Exposure): readonly Finding[] {
    const namespace = lead.service?.namespace ?? '';
    const pods = podsBehind(lead, podsOf).filter((pod) => isJudged(pod, namespace));
    const faults = Map.groupBy(pods, (pod) => unexpected(pod.labels, config.taxonomy));
    return [...faults].flatMap(([fault, behind]) => {
      if (fault === undefined) return [];
      const home = namespace === exposure.namespace ? '' : `${namespace}/`;
      const names = [...new Set(behind.map((pod) => `${home}${residentsOf(namespace).nameOf(pod)}`))];
      const facts = inventory.namespaceFacts(exposure.namespace);
      return [
        {
          check: exposedUnexpected.id,
          field: lead.field,
          subject: shortField(lead.field),
          found: names.join(' '),
          parts: names,
          reason: `${sayHow(lead, exposure)}leads the outside to ${shorten(names)}, which ${names.length === 1 ? 'is' : 'are'} ${fault}`,
          ...actUnder(exposedUnexpected, modeIn(facts.known ? facts.labels : new Map(), 'enforce'), config),
        },
      ];
    });
  }

  return {
    exposureOf: (document) => exposures.of(document.object, namespaceOf(document)),
    judge: (exposure) => exposure.leads.flatMap((lead) => judgeLead(lead, exposure)),
    unreached() {
      const leads = exposures.all.flatMap((exposure) => exposure.leads);
      const reached = new Set(leads.flatMap((lead) => podsBehind(lead, podsOf)));
      const namespaces = new Set(leads.flatMap(({ service }) => service?.namespace ?? []));
      return [...namespaces].flatMap((namespace) => {
        const { pods, nameOf } = residentsOf(namespace);
        const left = pods.filter(
          (pod) => pod.labels.get('expose') === 'true' && !reached.has(pod) && isJudged(pod, namespace),
        );
        return [...new Set(left.map((pod) => (namespace === '' ? nameOf(pod) : `${namespace}/${nameOf(pod)}`)))];
      });
    },
  };
}

/** The Pods of a namespace, and those that its workloads make. */
interface Residents {
  readonly pods: readonly Pod[];
  /** The name without the namespace: of the workload, or else of the Pod. */
  nameOf(pod: Pod): string;
}

function readResidents(documents: readonly LoadedDocument[]): Residents {
  const taker = createInventory();
  for (const { object, file, line } of documents) {
    if (textAt(object, 'kind') === 'NetworkPolicy') continue;
    // All of them are in one namespace, so its name does not matter here. What cannot be read is a
    // finding of its own.
    const metadata = { ...recordOf(own(object, 'metadata')), namespace: 'here' };
    taker.add({ ...recordOf(object), metadata }, `${file}:${line}`);
  }
  const inventory = taker.take();
  return {
    pods: inventory.world.pods,
    nameOf(pod) {
      const owner = inventory.ownerOf(pod);
      return owner === undefined ? pod.name : `${owner.kind}/${owner.name}`;
    },
  };
}

/** The words between the field and the rest of a sentence. */
function sayHow({ field, text }: Lead, { by }: Exposure): string {
  if (by === 'controller') return `(${text}) `;
  return field.endsWith(text) ? '' : `${text} `;
}

function shorten(names: readonly string[]): string {
  const limit = 3;
  const rest = names.length > limit ? ` and ${names.length - limit} more` : '';
  return `${names.slice(0, limit).join(', ')}${rest}`;
}
