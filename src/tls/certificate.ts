import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** The subject alternative names that a serving certificate must carry. */
export interface Names {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/**
 * How far back the validity of new certificates begins, in milliseconds. An API server whose clock
 * is behind must not find the certificate "not yet valid". An hour is far more than the difference
 * that NTP leaves, and cannot be abused, since the key did not exist then.
 */
export const backdateMs = 3_600_000;

/**
 * The certificates in a PEM text, in order. Other blocks, and text between blocks, are left out.
 */
export function readCertificates(pem: string): readonly X509Certificate[] {
  return (pem.match(certificateBlock) ?? []).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

/**
 * The PEM text of certificates, in order, in the form that the API server accepts as a caBundle.
 */
export function writeCertificates(certificates: readonly X509Certificate[]): string {
  return certificates.map((certificate) => certificate.toString()).join('');
}

/** Whether a PEM private key belongs to a certificate. False if the text is not a key. */
export function isPair(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Whether a certificate is valid at a moment (milliseconds since 1970). */
export function isValidAt(certificate: X509Certificate, at: number): boolean {
  return certificate.validFromDate.getTime() <= at && at < certificate.validToDate.getTime();
}

/** Whether an authority's key signed a certificate, in the authority's name. */
export function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** Whether two certificates are identical, byte for byte. */
export function isSame(a: X509Certificate, b: X509Certificate): boolean {
  return a.fingerprint256 === b.fingerprint256;
}

/**
 * Whether a client that uses any of the names accepts the certificate. The common name does not
 * count, because Go ignores it.
 */
export function coversNames(certificate: X509Certificate, names: Names): boolean {
  return (
    names.dnsNames.every((name) => certificate.checkHost(name, { subject: 'never' }) !== undefined) &&
    names.ipAddresses.every((address) => isIP(address) !== 0 && certificate.checkIP(address) !== undefined)
  );
}

/** The DNS names and IP addresses of a certificate. Other kinds of names are left out. */
export function namesOf(certificate: X509Certificate): Names {
  const entries = (certificate.subjectAltName ?? '').split(', ');
  const ofType = (prefix: string): string[] =>
    entries.flatMap((entry) => (entry.startsWith(prefix) ? [entry.slice(prefix.length)] : []));
  return {
    // Node quotes and escapes a name that could be mistaken for a separator. No DNS name needs
    // that, so such a name is left out.
    dnsNames: ofType('DNS:').filter((name) => /^[\w*.-]+$/.test(name)),
    ipAddresses: ofType('IP Address:').filter((address) => isIP(address) !== 0),
  };
}

/**
 * When a certificate should be replaced (milliseconds since 1970): at two thirds of its life, as
 * cert-manager and kubelet do, so that a third remains for solving problems. Its life begins when
 * it was made, which is {@link backdateMs} after its `notBefore`.
 */
export function renewalOf(certificate: X509Certificate): number {
  const end = certificate.validToDate.getTime();
  const start = Math.min(certificate.validFromDate.getTime() + backdateMs, end);
  return start + ((end - start) * 2) / 3;
}

/**
 * From when a certificate that was not renewed counts as expired (milliseconds since 1970): one
 * minute before its end, which leaves time for probes, endpoints and a difference between two
 * clocks. If its life is short, it is a tenth of the time between the due renewal and the end.
 */
export function lastCallOf(certificate: X509Certificate): number {
  const end = certificate.validToDate.getTime();
  return end - Math.min(60_000, (end - renewalOf(certificate)) / 10);
}

/**
 * Whether a server may use a certificate to identify itself: its extended key usage does not limit
 * it to other purposes.
 */
export function isForServers(certificate: X509Certificate): boolean {
  // Node calls the extended key usage `keyUsage`. A certificate without one is valid for any
  // purpose (RFC 5280, 4.2.1.12).
  const purposes = certificate.keyUsage as readonly string[] | undefined;
  return purposes === undefined || purposes.includes(serverAuthentication) || purposes.includes(anyPurpose);
}

const serverAuthentication = '1.3.6.1.5.5.7.3.1';
const anyPurpose = '2.5.29.37.0';

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
