import type { AllowedPort } from '../policy/network-config.ts';

/** The form of ports as text: `8080`, `8000-8099`, `53/UDP`, `8000-8099/TCP`. */
export const portPattern = '^[0-9]{1,5}(?:-[0-9]{1,5})?(?:/(?:TCP|UDP|SCTP))?$';

/**
 * Reads a port, or a range that includes both ends, of one protocol. The default protocol is TCP,
 * as in a NetworkPolicyPort. Returns what is wrong with the port, as a clause; undefined for a text
 * of another form, which the schema reports.
 */
export function readPort(entry: number | string): AllowedPort | { readonly wrong: string } | undefined {
  const text = String(entry);
  if (!new RegExp(portPattern).test(text)) return undefined;
  const [range = '', protocol = 'TCP'] = text.split('/');
  const [first = 0, last = first] = range.split('-').map(Number);
  const outside = [first, last].find((port) => port < 1 || port > 65535);
  if (outside !== undefined) return { wrong: `${outside} is not a port number (1 to 65535)` };
  if (last < first) return { wrong: `the range ${range} ends before it begins` };
  // The pattern allows no other protocol.
  return { protocol: protocol as AllowedPort['protocol'], first, last };
}

/** The schema of a list of ports in these forms. */
export function portsProperty(description: string) {
  return {
    description,
    type: 'array',
    minItems: 1,
    uniqueItems: true,
    items: {
      title: 'a port or a range of ports (8080, 8000-8099, 53/UDP)',
      type: ['integer', 'string'],
      minimum: 1,
      maximum: 65535,
      pattern: portPattern,
    },
  };
}

/** Reads a port of a valid file. */
export function buildPort(entry: number | string): AllowedPort {
  const port = readPort(entry);
  // Validation has already refused such a file. The compiler cannot know this.
  if (port === undefined || 'wrong' in port) throw new TypeError(`port ${entry}`);
  return port;
}
