import type { X509Certificate } from 'node:crypto';
import { canSignWith } from './authority.ts';
import {
  isForServers,
  isIssuedBy,
  isPair,
  isSame,
  isValidAt,
  type KeyPair,
  readCertificates,
  writeCertificates,
} from './certificate.ts';

/**
 * A serving certificate that was proven usable: the key belongs to it, and its issuer is in the
 * bundle.
 */
export interface Leaf {
  readonly certificate: X509Certificate;
  readonly key: string;
  readonly issuer: X509Certificate;
}

/** An authority that Ringfence can sign with. */
export interface Signer {
  readonly certificate: X509Certificate;
  readonly key: string;
}

/** The usable content of the shared Secret. All of it was verified when it was read. */
export interface Holding {
  /**
   * The trusted authorities, the newest first. There is more than one while one authority replaces
   * another.
   */
  readonly bundle: readonly X509Certificate[];
  /** The authority that signs. It is the first of the bundle. */
  readonly newest: Signer | undefined;
  /** The authority before it, as long as clients may not know the newest one yet. */
  readonly previous: Signer | undefined;
  readonly leaf: Leaf | undefined;
  /** What is not usable in the Secret, in words. It never quotes the content of the Secret. */
  readonly problems: readonly string[];
}

/** The Secret's `data`, decoded. Missing keys read as empty. */
export type SecretData = Readonly<Record<string, string>>;

/**
 * Reads a core/v1 Secret of type kubernetes.io/tls: `tls.crt` and `tls.key` (the serving
 * certificate), `ca.crt` (all trusted authorities), `ca.key` (the key of the newest one) and
 * `ca-previous.key`. Invalid content is reported in `problems`; it never throws.
 *
 * @param at the moment at which certificates must be valid, in milliseconds since 1970
 */
export function readHolding(data: SecretData, at: number): Holding {
  const problems: string[] = [];
  const text = (key: string): string => (Object.hasOwn(data, key) ? (data[key] ?? '') : '');
  const authorities = readCertificates(text('ca.crt')).filter((authority) => isAuthority(authority));
  const valid = authorities.filter((authority) => isValidAt(authority, at));
  if (authorities.length === 0) problems.push('ca.crt holds no authority');
  else if (valid.length === 0) problems.push('the authorities in ca.crt are expired or not yet valid');

  const newest = signerOf(valid.filter(canSignWith), text('ca.key'));
  if (valid.length > 0 && newest === undefined)
    problems.push('ca.key is not the key of an authority of ours in ca.crt');
  const others = valid.filter((authority) => newest === undefined || !isSame(authority, newest.certificate));
  const bundle = newest === undefined ? others : [newest.certificate, ...others];
  return {
    bundle,
    newest,
    previous: signerOf(others.filter(canSignWith), text('ca-previous.key')),
    leaf: leafOf(text('tls.crt'), text('tls.key'), bundle, at, problems),
    problems,
  };
}

/** The Secret's data for a holding that has a signer and a leaf. */
export function writeHolding(holding: Holding & { readonly newest: Signer; readonly leaf: Leaf }): SecretData {
  return {
    'tls.crt': holding.leaf.certificate.toString(),
    'tls.key': holding.leaf.key,
    'ca.crt': writeCertificates(holding.bundle),
    'ca.key': holding.newest.key,
    ...(holding.previous === undefined ? {} : { 'ca-previous.key': holding.previous.key }),
  };
}

/** A signer as the PEM pair that the functions of authority.ts take. */
export function pairOf(signer: Signer): KeyPair {
  return { cert: signer.certificate.toString(), key: signer.key };
}

/** Whether a certificate is a root that may sign others. */
function isAuthority(certificate: X509Certificate): boolean {
  return certificate.ca && isIssuedBy(certificate, certificate);
}

function signerOf(authorities: readonly X509Certificate[], key: string): Signer | undefined {
  const certificate = authorities.find((authority) => isPair(authority, key));
  return certificate === undefined ? undefined : { certificate, key };
}

function leafOf(
  cert: string,
  key: string,
  bundle: readonly X509Certificate[],
  at: number,
  problems: string[],
): Leaf | undefined {
  const certificate = readCertificates(cert)[0];
  if (certificate === undefined) {
    problems.push('tls.crt holds no certificate');
    return undefined;
  }
  const issuer = bundle.find((authority) => isIssuedBy(certificate, authority));
  const before = problems.length;
  if (!isPair(certificate, key)) problems.push('tls.key is not the key of tls.crt');
  if (!isValidAt(certificate, at)) problems.push('tls.crt is expired or not yet valid');
  if (certificate.ca || !isForServers(certificate)) problems.push('tls.crt is not a serving certificate');
  if (issuer === undefined) problems.push('tls.crt is not signed by an authority in ca.crt that is valid');
  return issuer === undefined || problems.length > before ? undefined : { certificate, key, issuer };
}
