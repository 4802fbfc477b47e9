import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import {
  coversNames,
  isForServers,
  isIssuedBy,
  isPair,
  isSame,
  isValidAt,
  type Names,
  namesOf,
  readCertificates,
  writeCertificates,
} from './certificate.ts';
import type { Material } from './material.ts';

/** The content of a certificate's files, by the keys of a Secret that cert-manager writes. */
export interface CertificateFiles {
  readonly 'tls.crt': string;
  readonly 'tls.key': string;
  readonly 'ca.crt': string;
}

/**
 * Files that were proven usable: the key belongs to the certificate, and the authorities vouch for
 * it.
 */
export interface Mounted {
  readonly material: Material;
  readonly certificate: X509Certificate;
  /**
   * The certificates that vouch for the serving certificate, from its issuer up to one in the
   * bundle. If the serving certificate is in the bundle, it is the certificate itself.
   */
  readonly vouchers: readonly [X509Certificate, ...X509Certificate[]];
  /** The authorities in `ca.crt` that are valid. */
  readonly bundle: readonly X509Certificate[];
}

/** The facts by which a certificate is judged. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The names that the API server uses. */
  readonly names: Names;
}

/**
 * Proves that files are usable, or reports every problem: which file, what is wrong with it, and
 * what is allowed. A problem never quotes a key. Authorities need not be roots: the API server (Go)
 * trusts every certificate in a bundle, even a serving certificate.
 */
export function readMounted(
  files: CertificateFiles,
  { at, names }: Circumstances,
): Mounted | { problems: readonly string[] } {
  const [certificate, ...others] = readCertificates(files['tls.crt']);
  const bundle = readCertificates(files['ca.crt']);
  if (certificate === undefined || bundle.length === 0)
    return {
      problems: [
        ...(certificate === undefined ? ['tls.crt holds no certificate (PEM, the serving certificate first)'] : []),
        ...(bundle.length === 0 ? ['ca.crt holds no certificate (PEM, all trusted authorities)'] : []),
      ],
    };
  const problems: string[] = [];
  if (!isPair(certificate, files['tls.key']))
    problems.push(
      `tls.key ${isKey(files['tls.key']) ? 'is the key of another certificate, not of tls.crt' : 'holds no private key (PEM, not encrypted)'}`,
    );
  if (!isValidAt(certificate, at)) problems.push(`tls.crt ${validityOf(certificate, at)}`);
  if (!isForServers(certificate))
    problems.push('tls.crt is not for servers (its extended key usage needs serverAuth, or none)');
  if (isWeak(certificate))
    problems.push('tls.crt is signed by SHA-1 or MD5, which the API server refuses (SHA-256 is allowed)');
  if (!coversNames(certificate, names))
    problems.push(`tls.crt is for ${listNames(namesOf(certificate))}; the API server asks for ${listNames(names)}`);
  const valid = bundle.filter((authority) => isValidAt(authority, at));
  const vouchers = vouchersOf(
    certificate,
    others.filter((one) => isValidAt(one, at)),
    valid,
  );
  if (vouchers === undefined)
    problems.push(
      valid.length === 0
        ? `no certificate in ca.crt is valid: the first ${validityOf(bundle[0] ?? certificate, at)}`
        : 'ca.crt does not vouch for tls.crt: none of its valid certificates signed it, nor one that follows it in tls.crt',
    );
  if (vouchers === undefined || problems.length > 0) return { problems };
  const material = {
    cert: writeCertificates([certificate, ...others]),
    key: files['tls.key'],
    caBundle: writeCertificates(valid),
  };
  const refusal = refusalOf(material);
  if (refusal !== undefined) return { problems: [`TLS refuses tls.crt and tls.key (${refusal})`] };
  return { material, certificate, vouchers, bundle: valid };
}

export function isUsable(read: Mounted | { problems: readonly string[] }): read is Mounted {
  return 'material' in read;
}

/**
 * The chain from a certificate to one in the bundle. The shortest chain comes first, so that it
 * ends at the nearest authority.
 */
function vouchersOf(
  certificate: X509Certificate,
  others: readonly X509Certificate[],
  bundle: readonly X509Certificate[],
): Mounted['vouchers'] | undefined {
  if (bundle.some((one) => isSame(one, certificate))) return [certificate];
  const anchor = bundle.find((authority) => authority.ca && isIssuedBy(certificate, authority));
  if (anchor !== undefined) return [anchor];
  for (const between of others.filter((one) => one.ca && isIssuedBy(certificate, one))) {
    // Without this filter, certificates that signed each other would cause endless recursion.
    const rest = others.filter((one) => !isSame(one, between));
    const further = vouchersOf(between, rest, bundle);
    if (further !== undefined) return [between, ...further];
  }
  return undefined;
}

function isKey(text: string): boolean {
  try {
    return createPrivateKey(text).type === 'private';
  } catch {
    return false;
  }
}

function isWeak({ signatureAlgorithm }: X509Certificate): boolean {
  return /sha1|md5/i.test(signatureAlgorithm ?? '');
}

/**
 * The code with which OpenSSL refuses a pair, for example because the key is too short. Undefined
 * if it accepts the pair.
 */
function refusalOf({ cert, key }: Material): string | undefined {
  try {
    createSecureContext({ cert, key });
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
  }
}

function validityOf({ validFromDate, validToDate }: X509Certificate, at: number): string {
  if (at >= validToDate.getTime()) return `expired at ${validToDate.toISOString()}`;
  return `is not valid before ${validFromDate.toISOString()}, and it is ${new Date(at).toISOString()} here`;
}

/** A few names are enough to recognise a certificate. */
const namesShown = 5;

function listNames({ dnsNames, ipAddresses }: Names): string {
  const all = [...dnsNames, ...ipAddresses];
  if (all.length === 0) return 'no name';
  const more = all.length > namesShown ? ` and ${all.length - namesShown} more` : '';
  return `${all.slice(0, namesShown).join(', ')}${more}`;
}
