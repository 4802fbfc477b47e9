import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { ServedCertificate } from './facts.ts';

/** As long as an entry that is not reached yet makes the API server wait, and some more. */
const timeoutMs = 3_000;

/**
 * Returns the certificates that a TLS server shows, trusted or not. Sends nothing to it. Rejects
 * where nobody answers in three seconds.
 * @param address a base URL: `https://ringfence.ringfence-system.svc:443`
 */
export function dial(address: string): Promise<ServedCertificate> {
  const { hostname, port } = new URL(address);
  // Node keeps the brackets of an IPv6 address.
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    // It is looked at and not relied upon: the examination compares it with the caBundle.
    const socket = connect({
      host,
      port: port === '' ? 443 : Number(port),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: false,
      timeout: timeoutMs,
    });
    socket.once('secureConnect', () => {
      const chain: string[] = [];
      const seen = new Set<string>();
      // The last one names itself as its issuer.
      for (let one = socket.getPeerX509Certificate(); one !== undefined && !seen.has(one.fingerprint256); ) {
        seen.add(one.fingerprint256);
        chain.push(new X509Certificate(one.raw).toString());
        one = one.issuerCertificate;
      }
      socket.destroy();
      resolve({ address, host, chain: chain.join('') });
    });
    socket.once('timeout', () => socket.destroy(new Error(`${host} did not answer in ${timeoutMs / 1000} s`)));
    socket.once('error', reject);
  });
}
