import { formatDocumentProblem } from '../../src/documents/document.ts';
import { loadDocuments } from '../../src/documents/load.ts';
import type { ManifestFiles } from '../../src/documents/manifest-files.ts';

export type Tree = { readonly [name: string]: Tree | string | Uint8Array | Error };

/** Files of memory: a mapping is a folder, an Error is what reading throws. */
function filesOf(tree: Tree, input = ''): ManifestFiles {
  const find = (path: string): Tree[string] => {
    let found: Tree[string] | undefined = tree;
    for (const step of path.split('/').filter((one) => one !== '' && one !== '.'))
      found = typeof found === 'object' && !(found instanceof Uint8Array) ? (found as Tree)[step] : undefined;
    if (found === undefined) throw failure('ENOENT');
    return found;
  };
  const isFile = (found: Tree[string]): boolean =>
    typeof found === 'string' || found instanceof Uint8Array || found instanceof Error;
  return {
    look: async (path) => ({
      kind: isFile(find(path)) ? 'file' : 'folder',
      bytes: path.includes('huge') ? 2 ** 29 : 1,
    }),
    list: async (folder) =>
      Object.entries(find(folder) as Tree).map(([name, found]) => ({
        name,
        kind: isFile(found) ? 'file' : 'folder',
        linked: false,
      })),
    resolve: async (path) => path,
    read: async (path) => {
      const found = find(path);
      if (found instanceof Error) throw found;
      return typeof found === 'string' ? new TextEncoder().encode(found) : (found as Uint8Array);
    },
    readInput: async () => new TextEncoder().encode(input),
  };
}

export function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** What was read of these files, as text. */
export async function load(paths: readonly string[], tree: Tree, exclude: readonly string[] = [], input?: string) {
  const { documents, problems, passedOver, notes } = await loadDocuments(paths, filesOf(tree, input), exclude);
  return {
    read: documents.map(({ file, line }) => `${file}:${line}`),
    problems: problems.map(formatDocumentProblem),
    passedOver: Object.fromEntries(passedOver),
    notes,
  };
}

/** A document that counts as a Kubernetes object. */
export const object = (name: string) => `{apiVersion: v1, kind: A, metadata: {name: ${name}}}\n`;
