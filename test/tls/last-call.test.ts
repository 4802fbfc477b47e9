import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import { lastCallOf } from '../../src/tls/certificate.ts';
import { handClock } from '../hand-clock.ts';
import { memorySecrets } from './memory-secrets.ts';
import { minute, replica } from './replica.ts';

const day = 86_400_000;

describe('the last call of a certificate', () => {
  it.each([
    ['a minute', 'lives 90 days', 90 * day, minute],
    ['a minute', 'lives half an hour', 30 * minute, minute],
    ['a tenth of what remained when its renewal was due', 'lives a minute', minute, 2_000],
  ])('comes %s before the end of one that %s', async (_, _lives, lifetimeMs, margin) => {
    const at = Date.now();
    const authority = await createAuthority({ at, lifetimeMs: day });
    const names = { dnsNames: ['ringfence.test'], ipAddresses: [] };
    const { cert } = await issueCertificate(authority, { at, lifetimeMs, names });
    const certificate = new X509Certificate(cert);
    expect(certificate.validToDate.getTime() - lastCallOf(certificate)).toBe(margin);
  });

  it('is that of the authority where it ends first', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const lifetimes = { authorityMs: 3 * day, certificateMs: 90 * day, overlapMs: minute };
    const source = replica(secrets, clock, { lifetimes });
    await source.refresh();
    const at = source.expiresAt();
    expect(at?.lastCall).toBe(Math.min(at?.authority ?? 0, at?.certificate ?? 0) - minute);
    clock.move(day);
    expect(at?.lastCall).toBeGreaterThan(clock.now());
  });
});
