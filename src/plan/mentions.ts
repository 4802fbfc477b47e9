import type { Service, ServicePort } from '../network/service.ts';
import type { Mention } from './offers.ts';

/** A Service that a text names, with those of its ports that are meant. */
export interface Mentioned {
  readonly service: Service;
  readonly ports: readonly ServicePort[];
}

/**
 * A name in DNS as Pods write it: `api`, `api.backend`, `api.backend.svc.cluster.local`, with a
 * port or without, and what stands before it.
 */
const host =
  /(?<before>:\/\/(?:[^\s/@]*@)?|^|[^\w.-])(?<name>[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)(?:\.(?<namespace>[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)(?<svc>\.svc(?:\.[a-z0-9.-]*[a-z0-9])?)?)?(?::(?<port>\d{1,5}))?(?![\w.-])/g;

/** Names of variables and keys whose whole value is the name of a host. */
const addressName = /HOST|ADDR|UR[IL]|SERVICE|SERVER|ENDPOINT|UPSTREAM|BACKEND|BROKER|PEER/i;

/**
 * The Services that a text of a workload names. A word that is only the name of a Service by chance
 * does not count: it must have the Service's port, stand in a URL, name the namespace, or be the
 * whole value of a variable that holds an address.
 */
export function mentionedServices(
  { text, by, namespace: home }: Mention,
  services: ReadonlyMap<string, Service>,
): readonly Mentioned[] {
  const found: Mentioned[] = [];
  for (const { groups = {}, [0]: whole } of text.matchAll(host)) {
    const { before = '', name = '', namespace, svc, port } = groups;
    const service = services.get(`${namespace ?? home}/${name}`);
    if (service === undefined) continue;
    const ports = port === undefined ? service.ports : service.ports.filter((one) => one.port === Number(port));
    const isMeant =
      port !== undefined ||
      svc !== undefined ||
      namespace !== undefined ||
      before.includes('://') ||
      (whole === text && addressName.test(by));
    if (isMeant && ports.length > 0) found.push({ service, ports });
  }
  return found;
}
