// What replicas serve, and what the API server trusts.
import type { X509Certificate } from 'node:crypto';
import { connect as connectTls } from 'node:tls';
import { isIssuedBy, isSame } from '../../src/tls/certificate.ts';
import type { Replica } from '../e2e/installation.ts';
import type { CertificateScene } from './certificate-scene.ts';

/** Returns the certificate that a replica serves now, without a check of trust. */
export function servedBy({ url }: Pick<Replica, 'url'>): Promise<X509Certificate> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) reject(new Error('no certificate was shown'));
      else resolve(certificate);
    });
    socket.once('error', reject);
  });
}

/** Whether one of the authorities has signed a certificate. */
export function isVouchedFor(certificate: X509Certificate, authorities: readonly X509Certificate[]): boolean {
  return authorities.some((authority) => isIssuedBy(certificate, authority));
}

/** What the replicas serve at one moment, and what the API server trusts. */
export interface Sample {
  readonly served: readonly X509Certificate[];
  readonly trusted: readonly X509Certificate[];
  /** How many of the certificates nobody vouches for. */
  readonly untrusted: number;
}

/**
 * Compares what the replicas serve with what the API server trusts. Both change between the two
 * reads, so a certificate counts as untrusted only if it is still served after the second.
 */
export async function takeSample(
  scene: Pick<CertificateScene, 'trusted'>,
  replicas: readonly Replica[],
): Promise<Sample> {
  const served = await Promise.all(replicas.map(servedBy));
  const trusted = await scene.trusted();
  const doubtful = served.filter((leaf) => !isVouchedFor(leaf, trusted));
  const still = doubtful.length === 0 ? [] : await Promise.all(replicas.map(servedBy));
  const untrusted = doubtful.filter((leaf) => still.some((other) => isSame(leaf, other))).length;
  return { served, trusted, untrusted };
}
