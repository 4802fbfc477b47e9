import { X509Certificate } from 'node:crypto';
import { isIssuedBy, readCertificates } from '../../src/tls/certificate.ts';
import type { Source } from '../../src/tls/material.ts';
import { createSource, type SourceOptions } from '../../src/tls/source.ts';
import type { HandClock } from '../hand-clock.ts';
import type { MemorySecrets } from './memory-secrets.ts';

export const minute = 60_000;
export const day = 86_400_000;
export const names = { dnsNames: ['ringfence.ringfence-system.svc'], ipAddresses: ['127.0.0.1'] };

interface Said {
  readonly level: string;
  readonly message: string;
  readonly fields: object;
}

/** The source of certificates of one replica, with its log. */
export interface Replica extends Source {
  readonly said: readonly Said[];
}

export function replica(secrets: MemorySecrets, clock: HandClock, options: Partial<SourceOptions> = {}): Replica {
  const said: Said[] = [];
  const say = (level: string) => (fields: object, message: string) => void said.push({ level, message, fields });
  const source = createSource({
    secrets,
    namespace: 'ringfence-system',
    name: 'ringfence-tls',
    ...names,
    log: { info: say('info'), warn: say('warn') },
    clock,
    ...options,
  });
  return { ...source, said };
}

/** Returns the name of the authority in its bundle that signed the served certificate. */
export function authorityOf(source: Source): string {
  const { cert, caBundle } = source.current();
  const leaf = new X509Certificate(cert);
  return readCertificates(caBundle).find((authority) => isIssuedBy(leaf, authority))?.subject ?? 'none';
}

export function bundleSize(source: Source): number {
  return readCertificates(source.current().caBundle).length;
}

export function messages({ said }: Replica): string[] {
  return said.map(({ message }) => message);
}
