import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** The variables that name a proxy, in upper or lower case; undefined if not set. */
export interface ProxyVariables {
  /** HTTP_PROXY: the proxy for an API server with an http:// URL. */
  readonly httpProxy: string | undefined;
  /** HTTPS_PROXY: the proxy for an API server with an https:// URL. */
  readonly httpsProxy: string | undefined;
  /** NO_PROXY: hosts, domains, addresses and CIDRs without a proxy, separated by commas. */
  readonly noProxy: string | undefined;
}

/** The forms of a proxy's URL, for messages. */
export const proxyUrls = 'a URL that begins with http://, https:// or socks5://';

/** Go knows http, https, socks5 and socks5h; client-node knows the other two as well. */
export function isProxyUrl(text: string): boolean {
  return URL.canParse(text) && /^(?:https?|socks[45]?|socks4a|socks5h):\/\/./iu.test(text);
}

/**
 * Returns the URL of the proxy for a server, by the rules of Go (golang.org/x/net/http/httpproxy),
 * which are those of kubectl. undici's EnvHttpProxyAgent has other rules: it knows no CIDR, sends
 * loopback addresses to the proxy, and uses HTTP_PROXY for https. Throws an Error with one sentence
 * for a variable that is not a proxy; Go ignores it and connects directly.
 */
export function proxyFor(server: URL, { httpProxy, httpsProxy, noProxy = '' }: ProxyVariables): string | undefined {
  const isSecure = server.protocol === 'https:';
  const proxy = isSecure ? httpsProxy : httpProxy;
  if (proxy === undefined || isDirect(server, noProxy)) return undefined;
  const url = /^[a-z][\w+.-]*:\/\//iu.test(proxy) ? proxy : `http://${proxy}`;
  // The URL may contain a password, so the message does not show it.
  if (!isProxyUrl(url))
    throw new Error(`${isSecure ? 'HTTPS_PROXY' : 'HTTP_PROXY'} must be ${proxyUrls}, or HOST:PORT`);
  return url;
}

function isDirect(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[(.*)\]$/u, '$1');
  const port = server.port === '' ? (server.protocol === 'https:' ? '443' : '80') : server.port;
  if (host === 'localhost' || contains(['127.0.0.0/8', '::1/128'], host)) return true;
  const entries = noProxy.split(',').map((entry) => entry.trim().toLowerCase());
  return entries.some((entry) => entry !== '' && exempts(entry, host, port));
}

/** Whether one entry of NO_PROXY exempts a host. A CIDR has no port. */
function exempts(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (isCidr(entry)) return contains([entry], host);
  const [, inBrackets, plain, entryPort = ''] = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/u.exec(entry) ?? [];
  const name = inBrackets ?? plain ?? entry;
  if (name === '' || (entryPort !== '' && entryPort !== port)) return false;
  if (isIP(name) !== 0) return contains([`${name}/${isIP(name) === 4 ? 32 : 128}`], host);
  // A domain also exempts its subdomains. With a leading dot, it exempts only those.
  const domain = name.replace(/^\*(?=\.)/u, '');
  const ascii = domain.startsWith('.') ? `.${toAscii(domain.slice(1))}` : toAscii(domain);
  if (isIP(host) !== 0) return false;
  return ascii.startsWith('.') ? host.endsWith(ascii) : host === ascii || host.endsWith(`.${ascii}`);
}

/** Returns a name that cannot be converted as it is, as Go does. */
function toAscii(name: string): string {
  return domainToASCII(name) || name;
}

function isCidr(text: string): boolean {
  const [address = '', prefix = '', rest] = text.split('/');
  const family = isIP(address);
  return family !== 0 && rest === undefined && /^\d{1,3}$/u.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}

function contains(cidrs: readonly string[], host: string): boolean {
  const family = isIP(host);
  if (family === 0) return false;
  const block = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    // A BlockList takes every IPv4 address for a part of ::/0.
    if (isFour(address) === isFour(host))
      block.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return block.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** IPv4, also when it is written as a mapped IPv6 address. */
function isFour(address: string): boolean {
  return isIP(address) === 4 || address.startsWith('::ffff:');
}
