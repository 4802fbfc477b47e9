import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { buffer } from 'node:stream/consumers';
import type { FolderEntry, ManifestFiles } from '../documents/manifest-files.ts';

/** The file system and the standard input of this process. */
export const systemFiles: ManifestFiles = {
  async look(path) {
    const found = await stat(path);
    // A pipe (`<(helm template …)`) is read like a file.
    return { kind: found.isDirectory() ? 'folder' : 'file', bytes: found.size };
  },
  async list(folder) {
    const entries = await readdir(folder, { withFileTypes: true });
    return Promise.all(
      entries.map(async (entry) => ({
        name: entry.name,
        kind: await kindOf(folder, entry),
        linked: entry.isSymbolicLink(),
      })),
    );
  },
  resolve: (path) => realpath(path),
  read: (path) => readFile(path),
  readInput: () => buffer(process.stdin),
};

async function kindOf(folder: string, entry: Dirent): Promise<FolderEntry['kind']> {
  if (entry.isDirectory()) return 'folder';
  if (entry.isFile()) return 'file';
  if (!entry.isSymbolicLink()) return 'other';
  try {
    const found = await stat(join(folder, entry.name));
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  } catch {
    // A broken link counts as a file, so that reading it reports the problem.
    return 'file';
  }
}
