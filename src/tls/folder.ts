import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateFiles } from './mounted.ts';

export interface Unreadable {
  readonly problems: readonly string[];
}

/**
 * Reads the three files of a folder as they were at one moment. The kubelet keeps each version of a
 * mounted Secret in its own folder, and switches versions by one link, `..data`. So the link is
 * resolved once, and all three files are read from its target. A folder without that link is read
 * directly.
 */
export async function readFolder(folder: string): Promise<CertificateFiles | Unreadable> {
  const read = await readVersion(folder);
  // The kubelet removes the old version as soon as the next one is in place, so a failed read is
  // tried once more.
  return 'problems' in read ? readVersion(folder) : read;
}

async function readVersion(folder: string): Promise<CertificateFiles | Unreadable> {
  const version = await realpath(join(folder, '..data')).catch(() => folder);
  const [cert, key, authorities] = await Promise.all([
    readText(version, 'tls.crt'),
    readText(version, 'tls.key'),
    readText(version, 'ca.crt'),
  ]);
  const problems = [cert, key, authorities].flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) return { problems: [...problems, 'tls.crt, tls.key and ca.crt are needed'] };
  return { 'tls.crt': cert.text, 'tls.key': key.text, 'ca.crt': authorities.text };
}

async function readText(folder: string, name: string): Promise<{ readonly text: string; readonly problem?: string }> {
  try {
    return { text: await readFile(join(folder, name), 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
    return { text: '', problem: `${name} cannot be read (${code})` };
  }
}
