import { basename, join } from 'node:path';
import { type DocumentProblem, formatDocumentProblem, type LoadedDocument } from '../documents/document.ts';
import { isManifestName } from '../documents/find.ts';
import { isKubernetesObject } from '../documents/load.ts';
import { readText, sayFailure } from '../documents/manifest-files.ts';
import { isTyped, parseManifest } from '../documents/parse.ts';
import { type PlanRecord, readRecord, recordName } from '../plan/record.ts';
import { systemFiles } from './files.ts';
import { isKustomization, isKustomizationName, judgeKustomizations, type ReadFile } from './plan-kustomization.ts';
import { textOf } from './whole-files.ts';

/** What the folder of a plan holds. */
export interface PlanFolder {
  readonly documents: readonly LoadedDocument[];
  /** What else would decide what is applied, and what is out of place, a sentence each. */
  readonly strange: readonly string[];
}

/** Reads the plan.json of a folder. Undefined if there is none. */
export async function recordIn(folder: string): Promise<PlanRecord | undefined> {
  const file = join(folder, recordName);
  const text = await textOf(file);
  return text === undefined ? undefined : readRecord(text, file);
}

/** Reads the plan.json of a folder. Throws an Error if there is none. */
export async function requireRecord(folder: string): Promise<PlanRecord> {
  const record = await recordIn(folder);
  if (record !== undefined) return record;
  throw new Error(`${join(folder, recordName)}: there is no such file; ringfence plan --write writes it`);
}

/**
 * Reads everything in a folder that `kubectl apply` could apply. No ignore file, kustomization or
 * hidden folder leaves anything out, because they would hide it from this reader and not from
 * kubectl. Throws an Error that names every file that cannot be read.
 * @param isOwn whether a folder, by its path in this one, holds nothing but files of a plan. There,
 *   files of all names are read, and what is no Kubernetes object is strange.
 */
export async function readPlanFolder(folder: string, isOwn: (path: string) => boolean): Promise<PlanFolder> {
  const reader = new FolderReader(folder, isOwn);
  await reader.walk();
  if (reader.problems.length > 0) throw new Error(reader.problems.map(formatDocumentProblem).join('\n'));
  return { documents: reader.documents, strange: [...reader.strange, ...judgeKustomizations(reader.files)] };
}

class FolderReader {
  readonly documents: LoadedDocument[] = [];
  readonly problems: DocumentProblem[] = [];
  readonly strange: string[] = [];
  readonly files: ReadFile[] = [];
  readonly #root: string;
  readonly #isOwn: (path: string) => boolean;
  /** The folders that were read, by their paths without links. */
  readonly #seen = new Set<string>();

  constructor(root: string, isOwn: (path: string) => boolean) {
    this.#root = root;
    this.#isOwn = isOwn;
  }

  /** Links come last, so that a folder keeps its own path. The walk of a link can find more. */
  async walk(): Promise<void> {
    const folders = [''];
    for (const folder of folders) await this.#readFolder(folder, folders);
  }

  async #readFolder(folder: string, links: string[]): Promise<void> {
    const path = join(this.#root, folder);
    try {
      const real = await systemFiles.resolve(path);
      if (this.#seen.has(real)) return;
      this.#seen.add(real);
      const entries = await systemFiles.list(path);
      for (const { name, kind, linked } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        const inner = join(folder, name);
        // Git keeps what is below .git out of every commit.
        if (name === '.git' || (folder === '' && name === recordName)) continue;
        if (kind === 'other') this.strange.push(`${join(path, name)}: is neither a file nor a folder`);
        else if (kind === 'file') await this.#readFile(join(path, name), this.#isOwn(folder));
        else if (linked) links.push(inner);
        else await this.#readFolder(inner, links);
      }
    } catch (error) {
      this.problems.push({ file: path, line: undefined, column: undefined, message: sayFailure(error) });
    }
  }

  async #readFile(file: string, isOwn: boolean): Promise<void> {
    const name = basename(file);
    const tool = steering.find(([pattern]) => pattern.test(name))?.[1];
    if (tool !== undefined)
      this.strange.push(`${file}: by this file, ${tool} applies other objects than those of the plan`);
    const isManifest = isManifestName(name) || isKustomizationName(name);
    if (!isManifest && !isOwn) return;
    const read = await readText(file, false, systemFiles);
    if ('message' in read) {
      // Of another name, only text can hold an object.
      if (isManifest) this.problems.push({ file, line: undefined, column: undefined, message: read.message });
      return;
    }
    const { documents, problems, isCommentedJson } = parseManifest(read.text, file);
    if (!isManifest) {
      for (const document of documents) if (isTyped(document.object)) this.documents.push(document);
      return;
    }
    // A push with spread arguments overflows the stack for a hundred thousand elements.
    for (const problem of problems) this.problems.push(problem);
    if (isKustomizationName(name) && documents.every(({ object }) => isKustomization(object))) {
      this.files.push({ file, kustomizations: documents.map(({ object }) => object) });
      return;
    }
    this.files.push({ file });
    for (const document of documents) {
      if (isKubernetesObject(document.object)) this.documents.push(document);
      else if (isOwn) this.strange.push(`${file}:${document.line}: is no Kubernetes object`);
    }
    if (isOwn && documents.length === 0)
      this.strange.push(`${file}: ${isCommentedJson ? 'is JSON with comments' : 'holds no object'}`);
  }
}

/** Names of files by which a tool that applies folders reads other things than their manifests. */
const steering: readonly (readonly [RegExp, string])[] = [
  [/^chart\.yaml$/i, 'Helm'],
  [/^\.argocd-source.*\.yaml$/i, 'Argo CD'],
  [/\.jsonnet$/i, 'Argo CD'],
];
