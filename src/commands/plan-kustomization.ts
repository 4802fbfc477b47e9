import { basename, dirname, join } from 'node:path';
import { kustomizationNames } from '../documents/kustomization.ts';
import { listAt, own, recordOf } from '../kubernetes/raw-object.ts';

/** A file that was read in the folder of a plan. */
export interface ReadFile {
  readonly file: string;
  /** The documents of a kustomization. Absent from other files. */
  readonly kustomizations?: readonly unknown[];
}

/** Also in other case: the file system of a Mac finds it by the names that kustomize asks for. */
export function isKustomizationName(name: string): boolean {
  return kustomizationNames.some((one) => one.toLowerCase() === name.toLowerCase());
}

/** A kustomization may leave out its type. Flux has another kind of the same name. */
export function isKustomization(object: unknown): boolean {
  const apiVersion = own(object, 'apiVersion');
  return typeof apiVersion !== 'string' || apiVersion.startsWith('kustomize.config.k8s.io/');
}

/**
 * Says why kustomizations would apply anything else than the files beside them, a sentence each.
 * One that only lists these files, and folders with another such kustomization, applies the same.
 */
export function judgeKustomizations(files: readonly ReadFile[]): readonly string[] {
  const names = new Set(files.map(({ file }) => file));
  const kustomizations = files.filter((one) => one.kustomizations !== undefined);
  const folders = new Set(kustomizations.map(({ file }) => dirname(file)));
  return kustomizations.flatMap(({ file, kustomizations: documents = [] }) => {
    const [kustomization] = documents;
    const folder = dirname(file);
    const more = Object.keys(recordOf(kustomization)).filter((field) => !harmless.includes(field));
    const resources = listAt(kustomization, 'resources').map((name) => [String(name), join(folder, String(name))]);
    const listed = new Set(resources.map(([, path]) => path));
    const unlisted = files.filter(
      (one) => one.kustomizations === undefined && dirname(one.file) === folder && !listed.has(one.file),
    );
    const kind = own(kustomization, 'kind') ?? 'Kustomization';
    return [
      ...(documents.length === 1 ? [] : [`${file}: holds ${documents.length} documents, and a kustomization is one`]),
      ...(kind === 'Kustomization' ? [] : [`${file}: kind is ${String(kind)}, and not Kustomization`]),
      ...more.map((field) => `${file}: by ${field}, kustomize applies other objects than those of the plan`),
      ...resources
        .filter(([, path = '']) => !names.has(path) && !folders.has(path))
        .map(([name]) => `${file}: the resource ${name} is none of the files that were read`),
      ...unlisted.map((one) => `${file}: ${basename(one.file)} is not among the resources, so kustomize leaves it out`),
    ];
  });
}

/** The fields of a kustomization that change nothing of what its resources are. */
const harmless: readonly string[] = ['apiVersion', 'kind', 'metadata', 'resources'];
