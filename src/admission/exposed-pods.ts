import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import { type Exposure, type Lead, podsBehind } from '../exposure/exposure.ts';
import { own, recordOf, textAt } from '../kubernetes/raw-object.ts';
import { createInventory } from '../network/inventory.ts';
import type { Pod } from '../network/world.ts';
import type { Violation } from '../policy/check.ts';
import { isIngressController, unexpected } from '../policy/exposed-unexpected.ts';
import { shortField } from '../policy/opening.ts';
import { agree } from '../wording/number.ts';

/** The Pods of a namespace, and those that its workloads make. */
export interface ExposedPods {
  readonly pods: readonly Pod[];
  /** The name without the namespace: of the workload, or else of the Pod. */
  nameOf(pod: Pod): string;
}

/** Takes the objects of one namespace, in any order, and keeps only what its Pods need. */
export interface ExposedPodsTaker {
  add(object: unknown, place: string): void;
  take(): ExposedPods;
}

export function createExposedPods(): ExposedPodsTaker {
  const taker = createInventory();
  return {
    add(object, place) {
      if (textAt(object, 'kind') === 'NetworkPolicy') return;
      // All of them are in one namespace, so its name does not matter here. What cannot be read is
      // a finding of its own.
      const metadata = { ...recordOf(own(object, 'metadata')), namespace: 'here' };
      taker.add({ ...recordOf(object), metadata }, place);
    },
    take() {
      const inventory = taker.take();
      return {
        pods: inventory.world.pods,
        nameOf(pod) {
          const owner = inventory.ownerOf(pod);
          return owner === undefined ? pod.name : `${owner.kind}/${owner.name}`;
        },
      };
    },
  };
}

/** Returns what is wrong with an exposure, once for each of its fields and each fault. */
export function findUnexpected(
  exposure: Exposure,
  podsOf: (namespace: string) => ExposedPods,
  config: Config,
): readonly Violation[] {
  return exposure.leads.flatMap((lead) => {
    const namespace = lead.service?.namespace ?? '';
    const pods = podsBehind(lead, (name) => podsOf(name).pods).filter((pod) => isJudged(pod, namespace, config));
    const faults = Map.groupBy(pods, (pod) => unexpected(pod.labels, config.taxonomy));
    return [...faults].flatMap(([fault, behind]) => {
      if (fault === undefined) return [];
      const home = namespace === exposure.namespace ? '' : `${namespace}/`;
      const names = [...new Set(behind.map((pod) => `${home}${podsOf(namespace).nameOf(pod)}`))];
      return [
        {
          field: lead.field,
          subject: shortField(lead.field),
          found: names.join(' '),
          parts: names,
          reason: `${sayHow(lead, exposure)}leads the outside to ${shorten(names)}, which ${agree(names.length, 'is', 'are')} ${fault}`,
        },
      ];
    });
  });
}

/** Pods of exempt namespaces have no labels of Ringfence, and controllers are there to expose. */
export function isJudged(pod: Pod, namespace: string, config: Config): boolean {
  return !isExempt(namespace, config) && !isIngressController({ ...pod, namespace }, config.network.peers);
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
