import type { AllowedPort } from '../../policy/network-config.ts';

/**
 * Opens each port of a DNS server over UDP and TCP. Clients use TCP for answers that do not fit in
 * a datagram (RFC 7766).
 */
export function dnsPorts(ports: readonly number[]): readonly AllowedPort[] {
  return ports.flatMap((port) => (['UDP', 'TCP'] as const).map((protocol) => ({ protocol, first: port, last: port })));
}
