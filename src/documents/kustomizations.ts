import { posix } from 'node:path';
import { own } from '../kubernetes/raw-object.ts';
import { type Kustomization, kustomizationNames, readKustomization } from './kustomization.ts';
import { type ManifestFiles, readText } from './manifest-files.ts';
import { parseManifest } from './parse.ts';

/** The kustomizations in the folders of some files, and what they use these files for. */
export class Kustomizations {
  readonly #read: ReadonlyMap<string, Kustomization>;
  readonly #resources: ReadonlySet<string>;
  readonly #others: ReadonlyMap<string, string>;

  private constructor(read: ReadonlyMap<string, Kustomization>) {
    this.#read = read;
    this.#resources = new Set([...read.values()].flatMap(({ resources }) => resources));
    this.#others = new Map([...read.values()].flatMap(({ others }) => [...others]));
  }

  static async read(names: readonly string[], files: ManifestFiles): Promise<Kustomizations> {
    const read = new Map<string, Kustomization>();
    for (const folder of new Set(names.map((name) => posix.dirname(name)))) {
      for (const name of kustomizationNames) {
        const path = posix.join(folder, name);
        const text = await readText(path, false, files);
        const object = 'text' in text ? soleObject(text.text, path) : undefined;
        if (object !== undefined) read.set(path, readKustomization(object, path));
      }
    }
    return new Kustomizations(read);
  }

  /** Why a file holds no objects to judge. Undefined if it may hold some. */
  useOf(file: string): string | undefined {
    if (this.#read.has(file)) return 'Kustomization';
    for (let folder = posix.dirname(file); folder !== posix.dirname(folder); folder = posix.dirname(folder)) {
      const use = this.#others.get(folder);
      if (use !== undefined) return use;
    }
    return this.#resources.has(file) ? undefined : this.#others.get(file);
  }

  /**
   * A kustomization that changes labels or namespaces makes other objects than those in its files.
   */
  notes(): readonly string[] {
    const folders = [...this.#read].filter(([, { changes }]) => changes).map(([path]) => posix.dirname(path));
    const [first] = folders;
    if (first === undefined) return [];
    const subject =
      folders.length === 1 ? `the kustomization in ${first} changes` : `${folders.length} kustomizations change`;
    return [
      `${subject} labels or namespaces, and the files were judged as they are; check what is applied: kustomize build ${folders.length === 1 ? first : 'FOLDER'} | ringfence check -`,
    ];
  }
}

/** A kustomization may leave out its type. Flux has another kind of the same name. */
function soleObject(text: string, path: string): unknown {
  const [document, ...others] = parseManifest(text, path).documents;
  if (document === undefined || others.length > 0) return undefined;
  const apiVersion = own(document.object, 'apiVersion');
  const isOurs = typeof apiVersion !== 'string' || apiVersion.startsWith('kustomize.config.k8s.io/');
  return isOurs ? document.object : undefined;
}
