import { posix } from 'node:path';
import type { ManifestFiles } from '../documents/manifest-files.ts';
import { isObject } from '../kubernetes/raw-object.ts';

/** Manifests under the name that findings and errors give them. */
export type Manifest =
  /** The content of a file: YAML or JSON, of any number of objects. */
  | { readonly file: string; readonly text: string }
  /** An object as a program has it. Its findings are on line 1. */
  | { readonly file: string; readonly object: object };

/** Manifests as files, and their paths in the order in which they were given. */
export interface MemoryFiles {
  readonly paths: readonly string[];
  readonly files: ManifestFiles;
}

/**
 * Makes files of manifests, which the reader of files reads as it does those of a disk. Throws a
 * TypeError that names the first wrong one by `argument`.
 */
export function filesOf(manifests: readonly Manifest[], argument: string): MemoryFiles {
  if (!Array.isArray(manifests)) throw new TypeError(`${argument} must be a list of {file, text} or {file, object}`);
  const contents = new Map<string, Uint8Array>();
  const paths: string[] = [];
  for (const [index, manifest] of manifests.entries()) {
    const at = `${argument}[${index}]`;
    const { file, text } = readManifest(manifest, at);
    const path = posix.normalize(file);
    if (contents.has(path)) throw new TypeError(`${at}.file: ${file} occurs twice; each file has a name of its own`);
    contents.set(path, new TextEncoder().encode(text));
    paths.push(path);
  }
  const find = (path: string): Uint8Array => {
    const content = contents.get(posix.normalize(path));
    if (content === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return content;
  };
  return {
    paths,
    files: {
      look: async (path) => ({ kind: 'file', bytes: find(path).length }),
      list: async (folder) => Promise.reject(Object.assign(new Error(folder), { code: 'ENOENT' })),
      resolve: async (path) => path,
      read: async (path) => find(path),
      readInput: async () => find('-'),
    },
  };
}

function readManifest(manifest: unknown, at: string): { readonly file: string; readonly text: string } {
  const { file, text, object } = (isObject(manifest) ? manifest : {}) as Partial<Record<string, unknown>>;
  if (typeof file !== 'string' || file === '') throw new TypeError(`${at}.file must be the name of a file`);
  // A folder would be searched for files, and standard input is none of a library's.
  if (file === '-' || file.endsWith('/')) throw new TypeError(`${at}.file: ${file} is no name of a file`);
  if ((typeof text === 'string') === isObject(object))
    throw new TypeError(`${at} (${file}) needs either text, a string, or object, an object`);
  if (typeof text === 'string') return { file, text };
  try {
    return { file, text: JSON.stringify(object) };
  } catch (error) {
    throw new TypeError(`${at} (${file}): the object is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}
