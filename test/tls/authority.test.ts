import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canSignWith, createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import { coversNames, isIssuedBy, isPair, isValidAt, namesOf, renewalOf } from '../../src/tls/certificate.ts';

const at = Date.parse('2026-11-22T12:00:00.750Z');
const hour = 3_600_000;
const day = 24 * hour;
const names = {
  dnsNames: ['ringfence.ringfence-system.svc', 'localhost'],
  ipAddresses: ['127.0.0.1', '::1'],
};

describe('an authority', () => {
  it('is an EC P-256 root with SHA-256, valid from an hour back', async () => {
    const made = await createAuthority({ at, lifetimeMs: 10 * day });
    const certificate = new X509Certificate(made.cert);
    expect(certificate.ca).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(certificate.signatureAlgorithm).toBe('ecdsa-with-SHA256');
    expect(certificate.validFromDate.toISOString()).toBe('2026-11-22T11:00:00.000Z');
    expect(certificate.validToDate.toISOString()).toBe('2026-12-02T12:00:00.000Z');
    expect(isPair(certificate, made.key)).toBe(true);
    expect(canSignWith(certificate)).toBe(true);
  });

  it('has a name of its own, so that clients tell two of them apart', async () => {
    const [a, b] = await Promise.all([
      createAuthority({ at, lifetimeMs: day }),
      createAuthority({ at, lifetimeMs: day }),
    ]);
    expect(new X509Certificate(a.cert).subject).not.toBe(new X509Certificate(b.cert).subject);
  });
});

describe('a serving certificate', () => {
  it('carries every name, is for servers, and is signed by its authority alone', async () => {
    const authority = await createAuthority({ at, lifetimeMs: 10 * day });
    const other = await createAuthority({ at, lifetimeMs: 10 * day });
    const made = await issueCertificate(authority, { at, lifetimeMs: day, names });
    const certificate = new X509Certificate(made.cert);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.signatureAlgorithm).toBe('ecdsa-with-SHA256');
    expect(coversNames(certificate, names)).toBe(true);
    expect(coversNames(certificate, { dnsNames: ['ringfence'], ipAddresses: [] })).toBe(false);
    expect(coversNames(certificate, { dnsNames: [], ipAddresses: ['10.0.0.1'] })).toBe(false);
    expect(namesOf(certificate)).toEqual({ ...names, ipAddresses: ['127.0.0.1', '0:0:0:0:0:0:0:1'] });
    expect(isIssuedBy(certificate, new X509Certificate(authority.cert))).toBe(true);
    expect(isIssuedBy(certificate, new X509Certificate(other.cert))).toBe(false);
    expect(isPair(certificate, made.key)).toBe(true);
    expect(isPair(certificate, authority.key)).toBe(false);
  });

  it('never outlives its authority', async () => {
    const authority = await createAuthority({ at, lifetimeMs: day });
    const made = new X509Certificate((await issueCertificate(authority, { at, lifetimeMs: 90 * day, names })).cert);
    expect(made.validToDate).toEqual(new X509Certificate(authority.cert).validToDate);
  });

  it('is valid from its first to before its last second, and due at two thirds of its life', async () => {
    const authority = await createAuthority({ at, lifetimeMs: 10 * day });
    const made = new X509Certificate((await issueCertificate(authority, { at, lifetimeMs: 3 * hour, names })).cert);
    expect(isValidAt(made, at - hour - 1000)).toBe(false);
    expect(isValidAt(made, at - hour)).toBe(true);
    expect(isValidAt(made, at + 3 * hour - 1000)).toBe(true);
    expect(isValidAt(made, at + 3 * hour)).toBe(false);
    expect(Math.abs(renewalOf(made) - (at + 2 * hour))).toBeLessThan(2000);
  });
});

describe('a private key', () => {
  it.each(['', 'rubbish', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'])(
    'that is none (%j) belongs to no certificate',
    async (key) => {
      const { cert } = await createAuthority({ at, lifetimeMs: day });
      expect(isPair(new X509Certificate(cert), key)).toBe(false);
    },
  );
});
