import { generate } from 'selfsigned';
import type { KeyPair } from '../../src/tls/certificate.ts';

/** Issues a client certificate, signed by an authority of `createAuthority`. */
export async function issueClientCertificate(authority: KeyPair, name = 'kube-apiserver'): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    ca: { cert: authority.cert, key: authority.key },
    notBeforeDate: new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000),
    notAfterDate: new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', clientAuth: true },
    ],
  });
  return { cert: made.cert, key: made.private };
}
