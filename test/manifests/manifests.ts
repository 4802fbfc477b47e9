import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

/** A manifest as Kubernetes reads it, as far as the tests look. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly [field: string]: unknown;
}

/** kustomize.config.k8s.io/v1beta1 Kustomization, as far as the manifests use it. */
export interface Kustomization {
  readonly namespace: string;
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly { readonly name: string; readonly files: readonly string[] }[];
  readonly generatorOptions: { readonly disableNameSuffixHash: boolean };
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
}

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const base = join(root, 'manifests/base');

/** Reads a folder's kustomization.yaml. */
export function readKustomization(folder: string): Kustomization {
  return parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as Kustomization;
}

/** Every document of a YAML file; throws on one that does not parse. */
export function readManifests(file: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(file, 'utf8'), { merge: true }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${relative(root, file)}: ${error.message}`);
    return document.toJS() as Manifest;
  });
}

/** The base's manifests, with the file that each stands in. */
export const baseManifests: readonly { readonly file: string; readonly manifest: Manifest }[] = readKustomization(
  base,
).resources.flatMap((file) => readManifests(join(base, file)).map((manifest) => ({ file, manifest })));

/** The base's one manifest of a kind and name. */
export function findManifest(kind: string, name = 'ringfence'): Manifest {
  const found = baseManifests.find(({ manifest }) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`${relative(root, dirname(base))}: no ${kind} ${name}`);
  return found.manifest;
}
