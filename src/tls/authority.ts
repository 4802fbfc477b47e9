import { randomBytes, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { backdateMs, type KeyPair, type Names } from './certificate.ts';

/**
 * Makes a certificate authority (EC P-256, SHA-256) that may sign certificates, but no further
 * authorities.
 *
 * @param options.at the moment at which it is made, and `lifetimeMs` how long it is valid from
 * then, both in milliseconds
 */
export async function createAuthority(options: { readonly at: number; readonly lifetimeMs: number }): Promise<KeyPair> {
  // Each authority has its own name. While one replaces another, both are trusted, and clients look
  // up an issuer by its name.
  const subject = `${authorityName} ${randomBytes(8).toString('hex')}`;
  const made = await generate([{ name: 'commonName', value: subject }], {
    ...algorithm,
    notBeforeDate: secondOf(options.at - backdateMs),
    notAfterDate: secondOf(options.at + options.lifetimeMs),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/**
 * Issues a serving certificate signed by an authority. It is valid for at most `lifetimeMs` from
 * `at` (both in milliseconds), and never longer than the authority itself: a certificate that
 * outlives its authority looks healthy while every call fails.
 */
export async function issueCertificate(
  authority: KeyPair,
  options: { readonly at: number; readonly lifetimeMs: number; readonly names: Names },
): Promise<KeyPair> {
  const end = Math.min(options.at + options.lifetimeMs, new X509Certificate(authority.cert).validToDate.getTime());
  const made = await generate([{ name: 'commonName', value: 'ringfence' }], {
    ...algorithm,
    ca: { cert: authority.cert, key: authority.key },
    notBeforeDate: secondOf(options.at - backdateMs),
    notAfterDate: secondOf(end),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: alternativeNames(options.names) },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/**
 * Whether Ringfence can sign with an authority. Only authorities made by {@link createAuthority}
 * qualify. An authority made elsewhere may write its name in another ASN.1 string type. selfsigned
 * encodes the issuer's name again in what it signs, and Go compares issuer and subject byte by
 * byte.
 */
export function canSignWith(authority: X509Certificate): boolean {
  return (
    authority.subject.startsWith(`CN=${authorityName} `) &&
    authority.publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1'
  );
}

const authorityName = 'Ringfence authority';

// The library defaults to RSA and SHA-1, and Node and Go refuse SHA-1. The authority and the
// certificate must have the same key type.
const algorithm = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/** X.509 times in certificates are whole seconds (RFC 5280, 4.1.2.5). Go refuses a fraction. */
function secondOf(at: number): Date {
  return new Date(Math.floor(at / 1000) * 1000);
}

function alternativeNames(names: Names): ({ type: 2; value: string } | { type: 7; ip: string })[] {
  return [
    ...names.dnsNames.map((value) => ({ type: 2, value }) as const),
    ...names.ipAddresses.map((ip) => ({ type: 7, ip }) as const),
  ];
}
