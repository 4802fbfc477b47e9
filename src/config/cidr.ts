import { isIP } from 'node:net';

/** Whether a text is an IPv4 or IPv6 network in CIDR form, as a NetworkPolicy's ipBlock takes it: `169.254.20.10/32`. */
export function isCidr(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const family = isIP(address);
  // A zone (fe80::1%eth0) means nothing to a NetworkPolicy.
  if (family === 0 || address.includes('%') || rest.length > 0) return false;
  return /^(?:0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}
