import type { AllowedPort } from '../policy/network-config.ts';

/** What a file may write for ports as text: `8080`, `8000-8099`, `53/UDP`, `8000-8099/TCP`. */
export const portPattern = '^[0-9]{1,5}(?:-[0-9]{1,5})?(?:/(?:TCP|UDP|SCTP))?$';

/**
 * Reads a port, or a range with both ends included, of one protocol; TCP where none is named, as in
 * a NetworkPolicyPort. Returns what is wrong with it, as a clause; undefined for what does not have
 * the form at all (the schema says so).
 */
export function readPort(entry: number | string): AllowedPort | { readonly wrong: string } | undefined {
  const text = String(entry);
  if (!new RegExp(portPattern).test(text)) return undefined;
  const [range = '', protocol = 'TCP'] = text.split('/');
  const [first = 0, last = first] = range.split('-').map(Number);
  const outside = [first, last].find((port) => port < 1 || port > 65535);
  if (outside !== undefined) return { wrong: `${outside} is not a port number (1 to 65535)` };
  if (last < first) return { wrong: `the range ${range} ends before it begins` };
  // The pattern knows no other protocol.
  return { protocol: protocol as AllowedPort['protocol'], first, last };
}
