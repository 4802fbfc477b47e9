import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import { isIssuedBy, readCertificates } from '../../src/tls/certificate.ts';
import { handClock } from '../hand-clock.ts';
import { memorySecrets, plant } from './memory-secrets.ts';
import { authorityOf, bundleSize, day, messages, minute, names, replica } from './replica.ts';

describe('an unusable Secret', () => {
  const spoilt: readonly [string, (good: Readonly<Record<string, string>>) => Promise<Record<string, string>>][] = [
    ['empty', async () => ({})],
    ['rubbish', async () => ({ 'ca.crt': 'x', 'ca.key': '{}', 'tls.crt': '\u0000', 'tls.key': 'y' })],
    ['without a serving key', async (good) => ({ ...good, 'tls.key': '' })],
    ['with a serving key of another certificate', async (good) => ({ ...good, 'tls.key': good['ca.key'] ?? '' })],
    ['with an authority key of another', async (good) => ({ ...good, 'ca.key': good['tls.key'] ?? '' })],
    [
      'with certificates that are not certificates',
      async (good) => ({ ...good, 'tls.crt': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }),
    ],
    [
      'with the authority as serving certificate',
      async (good) => ({ ...good, 'tls.crt': good['ca.crt'] ?? '', 'tls.key': good['ca.key'] ?? '' }),
    ],
    [
      'with a certificate of an authority that is not in the bundle',
      async (good) => {
        const authority = await createAuthority({ at: Date.now(), lifetimeMs: day });
        const leaf = await issueCertificate(authority, { at: Date.now(), lifetimeMs: day, names });
        return { ...good, 'tls.crt': leaf.cert, 'tls.key': leaf.key };
      },
    ],
    [
      'that has expired',
      async () => {
        const at = Date.now() - 10 * day;
        const authority = await createAuthority({ at, lifetimeMs: day });
        const leaf = await issueCertificate(authority, { at, lifetimeMs: day, names });
        return { 'ca.crt': authority.cert, 'ca.key': authority.key, 'tls.crt': leaf.cert, 'tls.key': leaf.key };
      },
    ],
    [
      'for other names',
      async (good) => {
        const authority = { cert: good['ca.crt'] ?? '', key: good['ca.key'] ?? '' };
        const other = { dnsNames: ['other.svc'], ipAddresses: [] };
        const leaf = await issueCertificate(authority, { at: Date.now(), lifetimeMs: day, names: other });
        return { ...good, 'tls.crt': leaf.cert, 'tls.key': leaf.key };
      },
    ],
  ];

  it.each(spoilt)('(%s) is replaced at the start, and said', async (title, spoil) => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    await replica(secrets, clock).refresh();
    plant(secrets, await spoil(secrets.secret?.data ?? {}));
    const source = replica(secrets, clock);
    // An authority without its key is replaced in the same three steps.
    for (let round = 0; round < 4; round += 1) {
      await source.refresh();
      clock.move(2 * minute);
    }
    const { cert, key } = source.current();
    const leaf = new X509Certificate(cert);
    expect(leaf.checkHost('ringfence.ringfence-system.svc')).toBeDefined();
    expect(leaf.checkIP('127.0.0.1')).toBeDefined();
    expect(authorityOf(source)).not.toBe('none');
    expect(bundleSize(source)).toBe(1);
    expect(secrets.secret?.data['tls.key']).toBe(key);
    expect(messages(source)).toContain('certificates written');
    if (title !== 'for other names') expect(messages(source)).toContain('unusable certificates were replaced');
    expect(JSON.stringify(source.said)).not.toContain('PRIVATE');
  });

  it.each(spoilt)('(%s) takes nothing from the clients of a replica that serves', async (_title, spoil) => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const [a, b] = [replica(secrets, clock), replica(secrets, clock)];
    await Promise.all([a.refresh(), b.refresh()]);
    const trusted = readCertificates(a.current().caBundle);
    plant(secrets, await spoil(secrets.secret?.data ?? {}));
    await Promise.all([a.refresh(), b.refresh()]);
    await a.refresh();
    expect(a.current()).toEqual(b.current());
    for (const source of [a, b]) {
      const served = new X509Certificate(source.current().cert);
      expect(trusted.some((authority) => isIssuedBy(served, authority))).toBe(true);
    }
  });

  it('that was deleted while serving is written again with what the clients trust', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const source = replica(secrets, clock);
    await source.refresh();
    const { cert } = source.current();
    secrets.secret = undefined;
    await source.refresh();
    expect(source.current().cert).toBe(cert);
    expect(bundleSize(source)).toBe(2);
  });

  it('that loses the key of its authority again and again does not grow', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const source = replica(secrets, clock);
    await source.refresh();
    const { cert } = source.current();
    for (let time = 0; time < 10; time += 1) {
      clock.move(minute);
      plant(secrets, { ...secrets.secret?.data, 'ca.key': '' });
      await source.refresh();
      expect([source.current().cert, bundleSize(source)]).toEqual([cert, 2]);
    }
  });

  it('keeps the type it has, which the API server does not let anyone change', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    plant(secrets, {});
    secrets.secret = { ...(secrets.secret ?? fail()), type: 'Opaque' };
    const source = replica(secrets, clock);
    await source.refresh();
    expect(secrets.secret?.type).toBe('Opaque');
  });
});

function fail(): never {
  throw new Error('no Secret');
}
