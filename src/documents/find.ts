import { posix } from 'node:path';
import { type Counts, count } from './count.ts';
import { createExclusion, type Exclusion, ignoreFile, isExcluded } from './exclusion.ts';
import { type ManifestFiles, sayFailure } from './manifest-files.ts';

/** A file to read, or a path that cannot be read and why. */
export type Found =
  | { readonly file: string; readonly input?: true }
  | { readonly file: string; readonly message: string };

/** The name of the path `-` in messages. */
export const inputName = 'stdin';

/**
 * Finds the files that paths name: a file with any name; of a folder the `*.yaml`, `*.yml` and
 * `*.json`, recursively and sorted; `-` for the standard input. Left out are `node_modules`, hidden
 * folders, and what the exclusions match; `leftOut` counts them. A linked folder is followed unless
 * the folder itself was found as well. A file that is reached by two paths is found once.
 */
export async function findFiles(
  paths: readonly string[],
  files: ManifestFiles,
  exclude: readonly string[],
  leftOut: Counts,
): Promise<readonly Found[]> {
  const finder = new Finder(files, leftOut);
  const outer = [createExclusion('.', exclude)];
  const found = new Map<string, Found>();
  for (const path of paths) {
    for (const one of await finder.collect(path, outer)) if (!found.has(one.file)) found.set(one.file, one);
  }
  return [...found.values()];
}

class Finder {
  readonly #files: ManifestFiles;
  readonly #leftOut: Counts;
  /** The folders and files that were found, by their paths without links. */
  readonly #seen = new Set<string>();

  constructor(files: ManifestFiles, leftOut: Counts) {
    this.#files = files;
    this.#leftOut = leftOut;
  }

  async collect(path: string, outer: readonly Exclusion[]): Promise<readonly Found[]> {
    if (path === '-') return [{ file: inputName, input: true }];
    const file = tidy(path);
    try {
      const { kind } = await this.#files.look(path);
      const exclusions = [...outer, ...(await this.#ignoreFilesAbove(file))];
      if (isExcluded(file, kind === 'folder', exclusions)) {
        count(this.#leftOut, `excluded ${kind}`);
        return [];
      }
      if (kind === 'file') return [{ file }];
      const before = this.#excluded();
      const found = await this.#walkAll(file, exclusions);
      // A folder that was given by mistake must not look like a folder without findings.
      if (found.length > 0 || this.#excluded() > before) return found;
      return [{ file: path, message: 'the folder holds no *.yaml, *.yml or *.json file' }];
    } catch (error) {
      return [{ file: path, message: sayFailure(error) }];
    }
  }

  /** Links come last, so that a folder keeps its own path if it is also found without a link. */
  async #walkAll(folder: string, exclusions: readonly Exclusion[]): Promise<readonly Found[]> {
    const found: Found[] = [];
    const links: Link[] = [];
    await this.#walk(folder, exclusions, found, links);
    // The walk of a linked folder can find more links.
    for (const { path, kind, exclusions: inner } of links) {
      if (kind === 'folder') await this.#walk(path, inner, found, links);
      else if (await this.#isNew(path)) found.push({ file: path });
    }
    return found.sort(byPath);
  }

  async #walk(folder: string, outer: readonly Exclusion[], found: Found[], links: Link[]): Promise<void> {
    try {
      if (!(await this.#isNew(folder))) return;
      const entries = await this.#files.list(folder);
      const exclusions = entries.some(({ name }) => name === ignoreFile)
        ? [...outer, ...(await this.#ignoreFileIn(folder))]
        : outer;
      for (const { name, kind, linked } of entries) {
        const path = posix.join(folder, name);
        if (kind === 'other' || (kind === 'file' && !isManifestName(name))) continue;
        if (kind === 'folder' && name === 'node_modules') count(this.#leftOut, 'node_modules folder');
        else if (isExcluded(path, kind === 'folder', exclusions)) count(this.#leftOut, `excluded ${kind}`);
        else if (kind === 'folder' && name.startsWith('.')) this.#countHidden(name);
        else if (linked) links.push({ path, kind, exclusions });
        else if (kind === 'folder') await this.#walk(path, exclusions, found, links);
        else if (await this.#isNew(path)) found.push({ file: path });
      }
    } catch (error) {
      found.push({ file: folder, message: sayFailure(error) });
    }
  }

  #excluded(): number {
    return (this.#leftOut.get('excluded file') ?? 0) + (this.#leftOut.get('excluded folder') ?? 0);
  }

  async #isNew(path: string): Promise<boolean> {
    // A broken link has no other path. Reading it reports the problem.
    const real = await this.#files.resolve(path).catch(() => path);
    if (this.#seen.has(real)) return false;
    this.#seen.add(real);
    return true;
  }

  /**
   * Every repository has `.git`. `..data` and similar folders hold the files of a mounted
   * ConfigMap, and links to these files are in the folder above.
   */
  #countHidden(name: string): void {
    if (name !== '.git' && !name.startsWith('..')) count(this.#leftOut, 'hidden folder');
  }

  async #ignoreFileIn(folder: string): Promise<readonly Exclusion[]> {
    const text = new TextDecoder().decode(await this.#files.read(posix.join(folder, ignoreFile)));
    return [createExclusion(folder, text)];
  }

  /** The ignore files of the working folder and of the folders between it and a path. */
  async #ignoreFilesAbove(path: string): Promise<readonly Exclusion[]> {
    const isBelow = !path.startsWith('/') && !path.startsWith('..');
    const folders = ['.'];
    if (isBelow)
      for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) folders.push(path.slice(0, end));
    const found: Exclusion[] = [];
    for (const folder of folders.filter((one) => one !== path)) {
      try {
        found.push(...(await this.#ignoreFileIn(folder)));
      } catch {
        // Most folders have none.
      }
    }
    return found;
  }
}

interface Link {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly exclusions: readonly Exclusion[];
}

/** Whether a file of a folder is read as a manifest. */
export function isManifestName(name: string): boolean {
  return /\.(ya?ml|json)$/i.test(name) || name === 'Kustomization';
}

/** The order of a walk that reads each folder sorted. */
function byPath(a: Found, b: Found): number {
  const [first, second] = [a.file.replaceAll('/', '\0'), b.file.replaceAll('/', '\0')];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** The path as a person would write it: `./a.yaml` and `a.yaml` are the same file. */
function tidy(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, '');
}
