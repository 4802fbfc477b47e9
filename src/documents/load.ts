import { isObject } from '../kubernetes/raw-object.ts';
import type { DocumentProblem, Loaded, LoadedDocument } from './document.ts';
import { parseManifest } from './parse.ts';

/** Access to manifests. A failed call throws an error with the system's code (`ENOENT`). */
export interface ManifestFiles {
  /** The file or folder at a path, after following links. */
  look(path: string): Promise<{ readonly kind: 'file' | 'folder'; readonly bytes: number }>;
  /**
   * The entries of a folder, in any order. A link to a folder is `other`, because a folder could
   * otherwise contain itself.
   */
  list(folder: string): Promise<readonly { readonly name: string; readonly kind: 'file' | 'folder' | 'other' }[]>;
  read(path: string): Promise<Uint8Array>;
  /** Reads all of the standard input. */
  readInput(): Promise<Uint8Array>;
}

/**
 * Reads manifests: files (with any name), folders (their `*.yaml`, `*.yml` and `*.json`,
 * recursively, sorted, without `.git` and `node_modules`), and `-` for the standard input. A file
 * that is reached by two paths is read once. Never throws: a file that cannot be read is a problem,
 * and the others are still read.
 */
export async function loadDocuments(paths: readonly string[], files: ManifestFiles): Promise<Loaded> {
  const documents: LoadedDocument[] = [];
  const problems: DocumentProblem[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    for (const found of await collect(path, files)) {
      if ('message' in found) problems.push({ line: undefined, column: undefined, ...found });
      else if (!seen.has(found.file)) {
        seen.add(found.file);
        const loaded = await loadFile(found, files);
        // A push with spread arguments overflows the stack for a hundred thousand elements.
        for (const document of loaded.documents) documents.push(document);
        for (const problem of loaded.problems) problems.push(problem);
      }
    }
  }
  return { documents, problems };
}

/** The name of the path `-` in messages. */
export const inputName = 'stdin';

type Found = { readonly file: string; readonly input?: true } | { readonly file: string; readonly message: string };

async function collect(path: string, files: ManifestFiles): Promise<readonly Found[]> {
  if (path === '-') return [{ file: inputName, input: true }];
  try {
    const { kind } = await files.look(path);
    if (kind === 'file') return [{ file: tidy(path) }];
    const found = await walk(path.replace(/(?<=.)\/+$/, ''), files);
    if (found.length > 0) return found;
    // A folder that was given by mistake must not look like a folder without findings.
    return [{ file: path, message: 'the folder holds no *.yaml, *.yml or *.json file' }];
  } catch (error) {
    return [{ file: path, message: sayFailure(error) }];
  }
}

async function walk(folder: string, files: ManifestFiles): Promise<Found[]> {
  const found: Found[] = [];
  try {
    const entries = [...(await files.list(folder))].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    for (const { name, kind } of entries) {
      const path = tidy(folder === '/' ? `/${name}` : `${folder}/${name}`);
      if (kind === 'folder' && !isSkipped(name)) for (const one of await walk(path, files)) found.push(one);
      else if (kind === 'file' && /\.(ya?ml|json)$/i.test(name)) found.push({ file: path });
    }
  } catch (error) {
    found.push({ file: folder, message: sayFailure(error) });
  }
  return found;
}

/**
 * `..data` and similar folders hold the files of a mounted ConfigMap. Links to these files are in
 * the parent folder.
 */
function isSkipped(folder: string): boolean {
  return folder === 'node_modules' || folder === '.git' || folder.startsWith('..');
}

/** The path as a person would write it: `./a.yaml` and `a.yaml` are the same file. */
function tidy(path: string): string {
  return path
    .replaceAll('//', '/')
    .replace(/^(\.\/)+(?=.)/, '')
    .replaceAll('/./', '/');
}

async function loadFile(
  found: { readonly file: string; readonly input?: true },
  files: ManifestFiles,
): Promise<Loaded> {
  const { file } = found;
  const failed = (message: string): Loaded => ({
    documents: [],
    problems: [{ file, line: undefined, column: undefined, message }],
  });
  try {
    if (found.input !== true && (await files.look(file)).bytes > fileLimit) return failed(tooLarge);
    const bytes = found.input === true ? await files.readInput() : await files.read(file);
    if (bytes.length > fileLimit) return failed(tooLarge);
    const text = decode(bytes);
    if (text === undefined) return failed('is not UTF-8 text');
    if (!/^\s*\{/.test(text) && longestDocument(text) > yamlLimit) return failed(longYaml);
    return parseManifest(text, file);
  } catch (error) {
    return failed(sayFailure(error));
  }
}

/** A list of 100,000 Pods as JSON is about 200 MB. A JavaScript string can hold 512 MB. */
const fileLimit = 268_435_456;
const tooLarge = 'is larger than 256 MiB';

/**
 * The tree of a YAML document takes about a hundred times the memory of its text. A larger document
 * would exhaust the heap.
 */
const yamlLimit = 16_777_216;
const longYaml = 'holds a YAML document of more than 16 MiB; JSON has no such limit (kubectl get -o json)';

function longestDocument(text: string): number {
  let longest = 0;
  let start = 0;
  for (let end = text.indexOf('\n---'); end !== -1; end = text.indexOf('\n---', end + 1)) {
    longest = Math.max(longest, end - start);
    start = end;
  }
  return Math.max(longest, text.length - start);
}

function decode(bytes: Uint8Array): string | undefined {
  // A NUL is valid UTF-8 but never occurs in a manifest. The file is a program or an archive.
  if (bytes.subarray(0, 4096).includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function sayFailure(error: unknown): string {
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
