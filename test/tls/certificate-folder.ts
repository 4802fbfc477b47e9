// Certificates made by somebody else, in a folder in the layout of the kubelet.
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import type { KeyPair, Names } from '../../src/tls/certificate.ts';

/** The keys of a Secret that cert-manager writes. */
export type SecretFiles = Readonly<Record<'tls.crt' | 'tls.key' | 'ca.crt', string>>;

const hourMs = 3_600_000;

/** Returns PEM in a normal form. */
export const pem = ({ cert }: Pick<KeyPair, 'cert'>): string => new X509Certificate(cert).toString();

export function makeAuthority(at = Date.now(), lifetimeMs = 24 * hourMs): Promise<KeyPair> {
  return createAuthority({ at, lifetimeMs });
}

/** Makes a certificate with its files, which trust its authority and the given ones. */
export async function makeFiles(
  authority: KeyPair,
  options: {
    readonly names: Names;
    readonly at?: number;
    readonly lifetimeMs?: number;
    readonly trusted?: readonly KeyPair[];
  },
): Promise<SecretFiles> {
  const { names, at = Date.now(), lifetimeMs = hourMs, trusted = [] } = options;
  const leaf = await issueCertificate(authority, { at, lifetimeMs, names });
  return { 'tls.crt': pem(leaf), 'tls.key': leaf.key, 'ca.crt': [authority, ...trusted].map(pem).join('') };
}

export interface MountedFolder {
  readonly path: string;
  /**
   * Replaces the files as the kubelet does: a new folder, one changed link, and the removal of the
   * old folder.
   */
  swap(files: Partial<SecretFiles>): void;
  end(): void;
}

export function mountFolder(files: Partial<SecretFiles>): MountedFolder {
  const path = mkdtempSync(join(tmpdir(), 'ringfence-tls-'));
  let version = 0;
  const nameOf = (number: number): string => `..version-${number}`;
  function swap(next: Partial<SecretFiles>): void {
    version += 1;
    mkdirSync(join(path, nameOf(version)));
    for (const [name, text] of Object.entries(next)) writeFileSync(join(path, nameOf(version), name), text);
    symlinkSync(nameOf(version), join(path, '..data_tmp'));
    renameSync(join(path, '..data_tmp'), join(path, '..data'));
    rmSync(join(path, nameOf(version - 1)), { recursive: true, force: true });
  }
  swap(files);
  for (const name of ['tls.crt', 'tls.key', 'ca.crt']) symlinkSync(join('..data', name), join(path, name));
  return { path, swap, end: () => rmSync(path, { recursive: true, force: true }) };
}
