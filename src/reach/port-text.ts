import type { Protocol } from '../network/rules.ts';

/** The port of a question. ICMP has none. */
export interface AskedPort {
  readonly protocol: Protocol | 'ICMP';
  readonly port: number;
}

/** Reads `5432/TCP`, `TCP/5432`, `5432` (TCP) or `ICMP`. The error is a clause. */
export function readAskedPort(text: string): AskedPort | { readonly error: string } {
  const words = text.toUpperCase().split('/');
  if (words.length === 1 && words[0] === 'ICMP') return { protocol: 'ICMP', port: 0 };
  const number = words.find((word) => /^\d+$/.test(word));
  const protocol = words.length === 1 ? 'TCP' : words.find((word) => word !== number);
  if (number === undefined || words.length > 2)
    return { error: `${JSON.stringify(text)} is not a port such as 5432/TCP` };
  return readPortNumber(Number(number), protocol);
}

/** Checks a port that came as data. The protocol is TCP if it is missing, as in a NetworkPolicy. */
export function readPortNumber(port: unknown, protocol: unknown = 'TCP'): AskedPort | { readonly error: string } {
  if (protocol === 'ICMP') return { protocol, port: 0 };
  if (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP')
    return { error: `the protocol ${JSON.stringify(protocol)} is not TCP, UDP, SCTP or ICMP` };
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
    return {
      error:
        port === undefined ? 'the port is missing' : `the port ${JSON.stringify(port)} is not a number from 1 to 65535`,
    };
  return { protocol, port };
}

/** `TCP/5432`, the form of all output. */
export function formatAskedPort({ protocol, port }: AskedPort): string {
  return protocol === 'ICMP' ? protocol : `${protocol}/${port}`;
}
