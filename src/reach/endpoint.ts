import { readAddress, readCidr } from '../network/address.ts';
import type { Endpoint } from '../network/evaluator.ts';
import { selects } from '../network/selector.ts';
import { readWorkloadKind } from '../network/workload.ts';
import type { Pod } from '../network/world.ts';
import { nearest } from '../policy/spelling.ts';
import type { Desk } from './desk.ts';
import { readSelector } from './selector-text.ts';

/** One end of a question as it was written, and what it means in this world. */
export interface ResolvedEnd {
  readonly text: string;
  /** At least one. */
  readonly ends: readonly Endpoint[];
}

/** Why an end means nothing here: a clause on one line. */
export interface Unresolved {
  readonly error: string;
}

/**
 * Finds what is meant by `namespace/pod`, `namespace/kind/name` (a workload's pods), `namespace` (all of it), a label selector as kubectl takes
 * it (`tier=web,env in (prod)`: pods of every namespace), or an IP address. An address that is a pod's is that pod.
 */
export function resolveEnd(text: string, desk: Desk): ResolvedEnd | Unresolved {
  const address = readAddress(text);
  if (address !== undefined) return { text, ends: [desk.evaluator.endpointOf(address)] };
  if (readCidr(text) !== undefined) return { error: `${text} is many addresses; ask about one of them` };
  const selector = readSelector(text);
  if (selector !== undefined) {
    if ('error' in selector) return selector;
    const pods = desk.inventory.world.pods.filter(({ labels }) => selects(selector, labels));
    return pods.length > 0 ? podEnds(text, pods) : { error: `no pod has the labels ${text}` };
  }
  const pod = desk.inventory.podsByName.get(text);
  if (pod !== undefined) return podEnds(text, [pod]);
  const parts = text.split('/');
  const [namespace = '', second = '', third = ''] = parts;
  if (parts.some((part) => part === '') || parts.length > 3)
    return {
      error: `${JSON.stringify(text)} is none of namespace/pod, namespace/kind/name, namespace, labels, or an IP`,
    };
  if (parts.length === 3 && readWorkloadKind(second) === 'pod') return resolveEnd(`${namespace}/${third}`, desk);
  const name = parts.length === 3 ? `${namespace}/${readWorkloadKind(second)}/${third}` : text;
  const pods = desk.podsOf(name);
  return pods.length > 0 ? podEnds(text, pods) : { error: sayMissing(name, parts.length, desk) };
}

/** Whether resolving gave ends. */
export function isResolved(end: ResolvedEnd | Unresolved): end is ResolvedEnd {
  return 'ends' in end;
}

function podEnds(text: string, pods: readonly Pod[]): ResolvedEnd {
  return { text, ends: pods.map((pod) => ({ pod })) };
}

function sayMissing(name: string, parts: number, { inventory, podsOf }: Desk): string {
  const absent = inventory.absent.get(name);
  if (absent !== undefined) return `${name} ${absent}`;
  const [namespace = ''] = name.split('/');
  const namespaces = [...inventory.world.namespaces.keys()];
  if (!inventory.world.namespaces.has(namespace))
    return `there is no namespace ${namespace} here${suggest(namespace, namespaces)}`;
  if (parts === 1) return `namespace ${name} holds no pods`;
  const known = podsOf(namespace).flatMap((pod) => {
    const owner = inventory.ownerOf(pod);
    const own = [`${namespace}/${pod.name}`];
    return owner === undefined ? own : [`${namespace}/${owner.kind}/${owner.name}`, ...own];
  });
  const last = name.slice(name.lastIndexOf('/'));
  const same = known.find((one) => one.endsWith(last));
  const meant = same === undefined ? suggest(name, known) : `; did you mean ${same}?`;
  return `there is no ${parts === 2 ? 'pod' : 'workload'} ${name} here${meant}`;
}

function suggest(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
