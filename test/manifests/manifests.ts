import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

/** A manifest, with the fields that the tests read. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly [field: string]: unknown;
}

/** kustomize.config.k8s.io/v1beta1 Kustomization, with the fields that the manifests use. */
export interface Kustomization {
  readonly namespace: string;
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly { readonly name: string; readonly files: readonly string[] }[];
  readonly generatorOptions: { readonly disableNameSuffixHash: boolean };
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
}

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const base = join(root, 'manifests/base');

/** Reads the kustomization.yaml of a folder. */
export function readKustomization(folder: string): Kustomization {
  return parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as Kustomization;
}

/** Reads every document of a YAML file. Throws if one cannot be parsed. */
export function readManifests(file: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(file, 'utf8'), { merge: true }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${relative(root, file)}: ${error.message}`);
    return document.toJS() as Manifest;
  });
}

/** The manifests of the base, each with its file. */
export const baseManifests: readonly { readonly file: string; readonly manifest: Manifest }[] = readKustomization(
  base,
).resources.flatMap((file) => readManifests(join(base, file)).map((manifest) => ({ file, manifest })));

/** Returns the manifest of the base with this kind and name. */
export function findManifest(kind: string, name = 'ringfence'): Manifest {
  const found = baseManifests.find(({ manifest }) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`${relative(root, dirname(base))}: no ${kind} ${name}`);
  return found.manifest;
}
