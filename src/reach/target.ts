import { noPorts, type PortSet, portRange, unite } from '../network/port-set.ts';
import { podPort, type Service, type ServicePort } from '../network/service.ts';
import type { End } from './end.ts';
import { type AskedPort, formatAskedPort, portsOf } from './port-text.ts';

/** The ports that a question means at one destination, or why it means none there: a clause. */
export type Target = { readonly ports: PortSet } | { readonly unresolved: string };

/**
 * Resolves the port of a question at one destination. A name is that of a container port. For a
 * Service, number and name are those of its ports, and each pod resolves where they lead. A Service
 * without an address of its own translates only names.
 */
export function targetAt(end: End, asked: AskedPort, service: Service | undefined): Target {
  if (asked.protocol === 'ICMP') return { ports: noPorts };
  if (service !== undefined && !(service.isHeadless && typeof asked.port !== 'string'))
    return serviceTarget(end, asked, service);
  if (typeof asked.port !== 'string') return { ports: portsOf(asked) };
  const ports = namedPorts(end, asked.port, asked.protocol);
  return ports.length > 0 ? { ports } : { unresolved: `${nameOf(end)} has no port ${formatAskedPort(asked)}` };
}

function serviceTarget(end: End, asked: AskedPort, service: Service): Target {
  const name = `Service ${service.namespace}/${service.name}`;
  const meant = service.ports.filter(
    (one) =>
      (asked.protocol === undefined || one.protocol === asked.protocol) &&
      (asked.port === undefined || asked.port === one.port || (asked.port === one.name && one.name !== '')),
  );
  if (meant.length === 0) return { unresolved: `${name} has no port ${formatAskedPort(asked)}${sayPorts(service)}` };
  const ports = meant.map((one) => portsBehind(end, one, service)).reduce(unite, noPorts);
  if (ports.length > 0) return { ports };
  const wanted = meant.map(({ target }) => target).join(', ');
  return { unresolved: `${nameOf(end)} has no port ${wanted}, to which ${name} leads` };
}

function portsBehind(end: End, { name, protocol, target }: ServicePort, service: Service): PortSet {
  if (service.selector === undefined) {
    const found = service.endpoints
      .filter((endpoint) => isAt(endpoint, end))
      .flatMap((endpoint) => endpoint.ports.filter((one) => one.name === name && one.protocol === protocol));
    return found.map(({ port }) => portRange(protocol, port, port)).reduce(unite, noPorts);
  }
  const port = 'pod' in end ? podPort({ target, protocol }, end.pod) : undefined;
  return port === undefined ? noPorts : portRange(protocol, port, port);
}

function isAt({ address, pod }: Service['endpoints'][number], end: End): boolean {
  if ('pod' in end)
    return (
      pod === `${end.pod.namespace}/${end.pod.name}` ||
      end.pod.addresses.some(({ family, value }) => family === address.family && value === address.value)
    );
  return 'address' in end && end.address.family === address.family && end.address.value === address.value;
}

function namedPorts(end: End, name: string, protocol: AskedPort['protocol']): PortSet {
  if (!('pod' in end)) return noPorts;
  return end.pod.ports
    .filter((one) => one.name === name && (protocol === undefined || one.protocol === protocol))
    .map((one) => portRange(one.protocol, one.port, one.port))
    .reduce(unite, noPorts);
}

function sayPorts({ ports }: Service): string {
  if (ports.length === 0) return ': it has none';
  const texts = ports.map(({ name, protocol, port }) => `${protocol}/${port}${name === '' ? '' : ` (${name})`}`);
  return `: it has ${texts.join(', ')}`;
}

function nameOf(end: End): string {
  return 'pod' in end ? `${end.pod.namespace}/${end.pod.name}` : 'an address';
}
