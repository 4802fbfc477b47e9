import { posix } from 'node:path';
import { isObject, own } from '../kubernetes/raw-object.ts';

/** The names that kustomize looks for in a folder. */
export const kustomizationNames: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** What a kustomization says about other files. Paths are as those of the kustomization. */
export interface Kustomization {
  /** Files and folders with objects. */
  readonly resources: readonly string[];
  /** Files and folders that hold no objects of the cluster, and what they are. */
  readonly others: ReadonlyMap<string, string>;
  /** Whether it changes labels or namespaces, so that the objects are not what is applied. */
  readonly changes: boolean;
}

/** `object` is the content of the kustomization at `path`. */
export function readKustomization(object: unknown, path: string): Kustomization {
  const folder = posix.dirname(path);
  const others = new Map<string, string>();
  const add = (names: readonly unknown[], what: string): void => {
    for (const name of names) if (typeof name === 'string' && isPath(name)) others.set(posix.join(folder, name), what);
  };
  for (const field of ['patches', 'patchesJson6902']) add(pathsIn(own(object, field)), patch);
  add(listIn(object, 'patchesStrategicMerge'), patch);
  add(pathsIn(own(object, 'replacements')), configuration);
  for (const field of ['configurations', 'crds', 'generators', 'transformers', 'validators'])
    add(listIn(object, field), configuration);
  add([own(own(object, 'openapi'), 'path')], configuration);
  for (const field of ['configMapGenerator', 'secretGenerator'])
    for (const generator of listIn(object, field)) add(dataFiles(generator), data);
  for (const chart of listIn(object, 'helmCharts'))
    add([own(chart, 'valuesFile'), ...listIn(chart, 'additionalValuesFiles')], data);
  const resources = ['resources', 'bases', 'components'].flatMap((field) => listIn(object, field));
  return {
    resources: resources.filter((name) => typeof name === 'string').map((name) => posix.join(folder, name)),
    others,
    changes: ['commonLabels', 'labels', 'namespace'].some((field) => own(object, field) !== undefined),
  };
}

const patch = 'patch of a kustomization';
const configuration = 'configuration of a kustomization';
const data = 'data file of a kustomization';

/** A patch can also be written where its path could be. */
function isPath(text: string): boolean {
  return text !== '' && !text.includes('\n') && !text.includes(': ');
}

function listIn(object: unknown, field: string): readonly unknown[] {
  const list = own(object, field);
  return Array.isArray(list) ? list : [];
}

function pathsIn(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list.filter(isObject).map((one) => own(one, 'path')) : [];
}

/** `files` has `path` or `key=path`. */
function dataFiles(generator: unknown): readonly unknown[] {
  const files = listIn(generator, 'files').map((one) => (typeof one === 'string' ? one.replace(/^[^=]*=/, '') : one));
  return [...files, ...listIn(generator, 'envs'), own(generator, 'env')];
}
