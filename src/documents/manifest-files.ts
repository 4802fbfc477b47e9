import { isObject } from '../kubernetes/raw-object.ts';

/** An entry of a folder. A link is what it leads to; a link to nothing is a file. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
  readonly linked: boolean;
}

/** Access to manifests. A failed call throws an error with the system's code (`ENOENT`). */
export interface ManifestFiles {
  /** The file or folder at a path, after following links. */
  look(path: string): Promise<{ readonly kind: 'file' | 'folder'; readonly bytes: number }>;
  /** The entries of a folder, in any order. */
  list(folder: string): Promise<readonly FolderEntry[]>;
  /** The absolute path without links, which is the same for all paths of a file. */
  resolve(path: string): Promise<string>;
  read(path: string): Promise<Uint8Array>;
  /** Reads all of the standard input. */
  readInput(): Promise<Uint8Array>;
}

/** Reads a file, or the standard input. The message says why it cannot be read. */
export async function readText(
  file: string,
  isInput: boolean,
  files: ManifestFiles,
): Promise<{ readonly text: string } | { readonly message: string }> {
  try {
    if (!isInput && (await files.look(file)).bytes > fileLimit) return { message: tooLarge };
    const bytes = isInput ? await files.readInput() : await files.read(file);
    if (bytes.length > fileLimit) return { message: tooLarge };
    const text = decode(bytes);
    return text === undefined ? { message: 'is not UTF-8 text' } : { text };
  } catch (error) {
    return { message: sayFailure(error) };
  }
}

/** A list of 100,000 Pods as JSON is about 200 MB. A JavaScript string can hold 512 MB. */
const fileLimit = 268_435_456;
const tooLarge = 'is larger than 256 MiB';

function decode(bytes: Uint8Array): string | undefined {
  // A NUL is valid UTF-8 but never occurs in a manifest. The file is a program or an archive.
  if (bytes.subarray(0, 4096).includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The reason of a failed call, as a clause. */
export function sayFailure(error: unknown): string {
  const code = isObject(error) || error instanceof Error ? String((error as { code?: unknown }).code ?? '') : '';
  return failures[code] ?? `cannot be read (${code === '' ? String(error) : code})`;
}

const failures: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'there is no such file or folder',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read (permission denied)',
  ELOOP: 'is a link to itself',
  ERR_FS_FILE_TOO_LARGE: tooLarge,
};
