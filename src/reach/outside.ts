import { type Exposure, type Exposures, type Lead, podsBehind } from '../exposure/exposure.ts';
import { hasPort } from '../network/port-set.ts';
import { podPort, type ServicePort } from '../network/service.ts';
import type { Verdict } from '../network/side.ts';
import type { Pod } from '../network/world.ts';
import { isIngressController, unexpected } from '../policy/exposed-unexpected.ts';
import type { NamedPeer } from '../policy/network-config.ts';
import type { Taxonomy } from '../policy/taxonomy.ts';
import type { Desk } from './desk.ts';
import { askSources, type PodPort, type SourceAnswer } from './outside-source.ts';
import type { AskedPort } from './port-text.ts';
import { targetAt } from './target.ts';

/** A way from the outside to Pods that behave alike. */
export interface OutsideFlow {
  /** `namespace/kind/name` of what lets the outside in. */
  readonly exposure: string;
  /** How it leads on: `LoadBalancer`, `Service web, port http`. */
  readonly via: string;
  readonly to: readonly string[];
  /** The Pods that `to` names. */
  readonly pods: readonly Pod[];
  /** The port of the Pods. */
  readonly port: PodPort;
  /** `allowed` if the policies let in at least one of the sources. */
  readonly verdict: Verdict;
  readonly sources: readonly SourceAnswer[];
  /** What the labels of the Pods say against it: `not expose="true"`. Undefined if nothing. */
  readonly unexpected: string | undefined;
}

/** What lets the outside in and leads to no Pod here. */
export interface DeadEnd {
  readonly exposure: string;
  readonly via: string;
  readonly reason: string;
}

export interface OutsideAnswer {
  readonly flows: readonly OutsideFlow[];
  readonly deadEnds: readonly DeadEnd[];
}

/** What is asked: the Pods (undefined means all) and their port (undefined means every port). */
export interface OutsideQuestion {
  readonly to: readonly Pod[] | undefined;
  readonly port: AskedPort | undefined;
}

/** The parts of the configuration that an answer needs. */
export interface OutsideConfig {
  readonly taxonomy: Taxonomy;
  readonly network: { readonly peers: readonly NamedPeer[] };
}

/**
 * Follows what lets the outside in to its Pods, and asks whether policies let the traffic in: that
 * of a Service from public addresses and from nodes, that of an Ingress or a route from the ingress
 * controllers of the configuration and from public addresses.
 */
export function askOutside(
  { all }: Exposures,
  { to, port }: OutsideQuestion,
  desk: Desk,
  config: OutsideConfig,
): OutsideAnswer {
  const wanted = to === undefined ? undefined : new Set(to);
  const flows: OutsideFlow[] = [];
  const deadEnds: DeadEnd[] = [];
  const { peers } = config.network;
  const controllers = desk.inventory.world.pods.filter((pod) => isIngressController(pod, peers));
  for (const exposure of all)
    for (const lead of exposure.leads) {
      const names = { exposure: nameOf(exposure), via: lead.text };
      const { found, reason } = follow(lead, desk, config);
      if (reason !== undefined && wanted === undefined) deadEnds.push({ ...names, reason });
      for (const { pods, fault, port: at } of found) {
        const asked = pods.filter((pod) => (wanted?.has(pod) ?? true) && isAsked(port, at, pod));
        const [pod] = asked;
        if (pod === undefined) continue;
        const sources = askSources(exposure.by, { pod, port: at, controllers, peers }, desk);
        flows.push({
          ...names,
          to: desk.namesOf(asked),
          pods: asked,
          port: at,
          verdict: bestOf(sources),
          sources,
          unexpected: fault,
        });
      }
    }
  return { flows, deadEnds };
}

/** Whether a question is about a port of a Pod. A name is that of a container port. */
function isAsked(asked: AskedPort | undefined, { protocol, port }: PodPort, pod: Pod): boolean {
  if (asked === undefined) return true;
  const target = targetAt({ pod }, asked, undefined);
  return 'ports' in target && hasPort(target.ports, protocol, port);
}

/** Pods of one class and one fault, and the port to which a lead leads. */
interface Destination {
  readonly pods: readonly Pod[];
  readonly port: PodPort;
  readonly fault: string | undefined;
}

/** The destinations of a lead, and why it has none. */
function follow(
  lead: Lead,
  desk: Desk,
  config: OutsideConfig,
): { readonly found: readonly Destination[]; readonly reason?: string } {
  if (lead.nowhere !== undefined) return { found: [], reason: lead.nowhere };
  const pods = podsBehind(lead, desk.podsOf);
  if (pods.length === 0) return { found: [], reason: 'its Service selects no Pod here' };
  const found = lead.ports.flatMap((port) => destinationsOf(pods, port, desk, config));
  return found.length > 0 ? { found } : { found, reason: 'its Pods have no port of that name' };
}

function destinationsOf(
  pods: readonly Pod[],
  port: ServicePort,
  desk: Desk,
  { taxonomy, network: { peers } }: OutsideConfig,
): readonly Destination[] {
  const each = pods.flatMap((pod) => {
    const number = podPort(port, pod);
    if (number === undefined) return [];
    const fault = isIngressController(pod, peers) ? undefined : unexpected(pod.labels, taxonomy);
    return [{ pod, fault, number, index: desk.evaluator.classes.of(pod)?.index }];
  });
  const alike = Map.groupBy(each, ({ index, number, fault }) => JSON.stringify([index, number, fault]));
  return [...alike.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const asked = { protocol: port.protocol, port: first.number };
    return [{ pods: members.map(({ pod }) => pod), port: asked, fault: first.fault }];
  });
}

function nameOf({ kind, namespace, name }: Exposure): string {
  return `${namespace}/${kind.toLowerCase()}/${name}`;
}

function bestOf(sources: readonly SourceAnswer[]): Verdict {
  const verdicts = sources.map(({ verdict }) => verdict);
  if (verdicts.includes('allowed')) return 'allowed';
  return verdicts.reduce<Verdict>((worst, one) => (one === 'undefined' ? one : worst), 'denied');
}
