import { allPorts, formatPorts, noPorts, type PortSet, portRange, unite } from '../network/port-set.ts';
import type { Protocol } from '../network/rules.ts';

/** The port of a question. */
export interface AskedPort {
  /** Undefined means every protocol, or the one that belongs to a name. */
  readonly protocol: Protocol | 'ICMP' | undefined;
  /** Undefined means every port. A text is the name of a port, which the destination resolves. */
  readonly port: number | string | undefined;
}

/**
 * Reads `5432/TCP`, `TCP/5432`, `5432` (TCP), `http`, `http/TCP` or `ICMP`, in any case of the
 * protocol. The error is a clause.
 */
export function readAskedPort(text: string): AskedPort | { readonly error: string } {
  const [first = '', second, ...rest] = text.split('/');
  if (rest.length > 0 || first === '') return { error: `${JSON.stringify(text)} is not a port such as 5432/TCP` };
  if (second === undefined) {
    if (first.toUpperCase() === 'ICMP') return readPort(undefined, 'ICMP');
    return withDefaultProtocol(readPort(numberOr(first), undefined));
  }
  return isProtocol(first.toUpperCase()) && !isProtocol(second.toUpperCase())
    ? readPort(numberOr(second), first)
    : readPort(numberOr(first), second);
}

/**
 * Reads a port and a protocol that came as data; either may be missing. The error is a clause. A
 * number as a text is an error, since Kubernetes takes it for neither a number nor a name.
 */
export function readPort(port: unknown, protocol: unknown): AskedPort | { readonly error: string } {
  const name = typeof protocol === 'string' ? protocol.toUpperCase() : (protocol ?? undefined);
  if (name !== undefined && !isProtocol(name))
    return { error: `the protocol ${JSON.stringify(protocol)} is not TCP, UDP, SCTP or ICMP` };
  // ICMP has no ports.
  if (name === 'ICMP') return { protocol: name, port: 0 };
  if (port === undefined || port === null) return { protocol: name, port: undefined };
  if (isPortNumber(port) || isPortName(port)) return { protocol: name, port };
  return { error: `the port ${JSON.stringify(port)} is not a number from 1 to 65535` };
}

/** A number without a protocol is a port of TCP, as in a NetworkPolicy. */
export function withDefaultProtocol<T>(asked: AskedPort | T): AskedPort | T {
  const isBare = typeof asked === 'object' && asked !== null && 'port' in asked && asked.protocol === undefined;
  return isBare && typeof asked.port === 'number' ? { ...asked, protocol: 'TCP' } : asked;
}

/** The ports of a question whose port has no name. */
export function portsOf({ protocol, port }: AskedPort): PortSet {
  if (protocol === 'ICMP' || typeof port === 'string') return noPorts;
  if (protocol === undefined && port === undefined) return allPorts;
  return (protocol === undefined ? protocols : [protocol])
    .map((one) => portRange(one, port, port))
    .reduce(unite, noPorts);
}

/** `TCP/5432`, the form of all output. Also `all TCP`, `all ports`, `TCP/http` and `http`. */
export function formatAskedPort(asked: AskedPort): string {
  const { protocol, port } = asked;
  if (protocol === 'ICMP') return protocol;
  if (typeof port === 'string') return protocol === undefined ? port : `${protocol}/${port}`;
  return formatPorts(portsOf(asked));
}

const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

function isProtocol(text: unknown): text is Protocol | 'ICMP' {
  return text === 'TCP' || text === 'UDP' || text === 'SCTP' || text === 'ICMP';
}

function numberOr(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/**
 * The name of a port, as a regular expression. Those of containers are shorter (k8s.io/apimachinery
 * IsValidPortName), but a Service's port is named by a DNS label. A number is no name.
 */
export const portNamePattern = '^[a-z0-9-]*[a-z][a-z0-9-]*$';

function isPortName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 63 && new RegExp(portNamePattern).test(value);
}

function isPortNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}
