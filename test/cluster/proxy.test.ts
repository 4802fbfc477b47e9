import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../src/cluster/proxy.ts';

const proxy = 'http://proxy.example:3128';

function wayTo(server: string, noProxy?: string): 'direct' | 'proxy' {
  const variables = { httpProxy: undefined, httpsProxy: proxy, noProxy };
  return proxyFor(new URL(server), variables) === undefined ? 'direct' : 'proxy';
}

describe('the proxy of the environment', () => {
  it.each([
    ['a host', 'https://api.example:6443', 'other.example'],
    ['localhost under another name', 'https://localhost.example', ''],
    ['an address, although NO_PROXY has its name', 'https://10.0.0.1', 'example'],
    ['the domain itself, if only its subdomains are exempt', 'https://example.com', '.example.com'],
    ['the same, with a star', 'https://example.com', '*.example.com'],
    ['a name that only ends alike', 'https://notexample.com', 'example.com'],
    ['another port', 'https://api.example:6443', 'api.example:443'],
    ['an address outside the block', 'https://10.1.0.1', '10.0.0.0/16'],
    ['an IPv4 address, although every IPv6 address is exempt', 'https://10.0.0.1', '::/0'],
    ['an entry that is no block', 'https://10.0.0.1', '10.0.0.0/33'],
    ['an IPv6 address with brackets and no port', 'https://[2001:db8::1]', '[2001:db8::1]'],
    ['a pattern inside a name', 'https://api.example', 'ap*.example'],
    ['an entry without a name', 'https://api.example', ':443, '],
  ])('is used for %s', (_, server, noProxy) => {
    expect(wayTo(server, noProxy)).toBe('proxy');
  });

  it.each([
    ['localhost', 'https://localhost:6443', ''],
    ['a loopback address', 'https://127.8.0.1', ''],
    ['the loopback address of IPv6', 'https://[::1]:6443', ''],
    ['every host', 'https://api.example', 'none.example, *'],
    ['a host, in any case, with spaces', 'https://API.example', ' Api.Example , x'],
    ['a subdomain', 'https://api.example.com', 'example.com'],
    ['a subdomain, with a leading dot', 'https://a.b.example.com', '.example.com'],
    ['a subdomain, with a star', 'https://api.example.com', '*.example.com'],
    ['a port that is the default of https', 'https://api.example', 'api.example:443'],
    ['a domain and a port', 'https://api.example:6443', 'example:6443'],
    ['an address', 'https://10.0.0.1:6443', '10.0.0.1'],
    ['an address and a port', 'https://10.0.0.1:6443', '10.0.0.1:6443'],
    ['an address in a block', 'https://10.0.255.1', '10.0.0.0/16'],
    ['an IPv6 address in a block', 'https://[2001:db8::1]', '2001:db8::/32'],
    ['an IPv6 address in another form', 'https://[2001:db8::1]', '2001:0db8:0:0::1'],
    ['an IPv4 address that is mapped', 'https://[::ffff:10.0.0.1]', '10.0.0.0/8'],
    ['an IPv6 address and a port', 'https://[2001:db8::1]:6443', '[2001:db8::1]:6443'],
    ['a name in another alphabet', 'https://bücher.example', 'BÜCHER.example'],
  ])('is not used for %s', (_, server, noProxy) => {
    expect(wayTo(server, noProxy)).toBe('direct');
  });

  it('is HTTPS_PROXY for https and HTTP_PROXY for http, and neither for the other', () => {
    const [http, https] = [new URL('http://api.example'), new URL('https://api.example')];
    const only = { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined };
    expect(proxyFor(https, { ...only, httpProxy: proxy })).toBeUndefined();
    expect(proxyFor(http, { ...only, httpsProxy: proxy })).toBeUndefined();
    expect(proxyFor(http, { ...only, httpProxy: proxy })).toBe(proxy);
  });

  it('may be a host and a port', () => {
    const variables = { httpProxy: undefined, httpsProxy: 'proxy.example:3128', noProxy: undefined };
    expect(proxyFor(new URL('https://api.example'), variables)).toBe('http://proxy.example:3128');
  });

  it('must be of a kind that is known; the message has no password', () => {
    const variables = { httpProxy: undefined, httpsProxy: 'ftp://ada:secret@proxy.example', noProxy: undefined };
    expect(() => proxyFor(new URL('https://api.example'), variables)).toThrow(
      /^HTTPS_PROXY must be a URL that begins with http:\/\/, https:\/\/ or socks5:\/\/, or HOST:PORT$/,
    );
  });
});
