import { unnamedProtocol } from './left-out.ts';
import type { FlowProtocol } from './record.ts';

/** Names in any case, and the numbers of IANA. */
const names: ReadonlyMap<string, FlowProtocol> = new Map([
  ['TCP', 'TCP'],
  ['6', 'TCP'],
  ['UDP', 'UDP'],
  ['17', 'UDP'],
  ['SCTP', 'SCTP'],
  ['132', 'SCTP'],
  ['ICMP', 'ICMP'],
  ['1', 'ICMP'],
  ['ICMP6', 'ICMP'],
  ['ICMPV4', 'ICMP'],
  ['ICMPV6', 'ICMP'],
  ['58', 'ICMP'],
]);

/** Reads a protocol; undefined for one that no policy can name. */
export function readProtocol(value: unknown): FlowProtocol | undefined {
  return names.get(String(value).toUpperCase());
}

/** Why a line is left out whose protocol is not known, or not named. */
export function whyNoProtocol(value: unknown): string {
  return value === undefined || value === null || value === '' || value === '-' ? unnamedProtocol : otherProtocols;
}

/** Why a line with another protocol is left out. */
export const otherProtocols = 'lines of protocols other than TCP, UDP, SCTP and ICMP';

/** Reads a port, as a number or a text; undefined for 0, which stands for none. */
export function readPort(value: unknown): number | undefined {
  const port = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined;
}
