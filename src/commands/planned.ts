import { join } from 'node:path';
import { isReservedName } from '../baseline/names.ts';
import { loadDocuments } from '../documents/load.ts';
import type { StoredObject } from '../fencing/ports.ts';
import { own } from '../kubernetes/raw-object.ts';
import { systemFiles } from './files.ts';

/**
 * Reads the NetworkPolicies that `ringfence plan --write` has written for a namespace: the folder
 * of its name. Throws an Error that names every file that holds anything else.
 */
export async function readPlanned(folder: string | undefined, namespace: string): Promise<readonly StoredObject[]> {
  if (folder === undefined) return [];
  const { documents, problems } = await loadDocuments([join(folder, namespace)], systemFiles);
  const wrong = problems.map(({ file, line, message }) => `${file}${line === undefined ? '' : `:${line}`}: ${message}`);
  const planned = documents.flatMap(({ object, file: path, line }): readonly StoredObject[] => {
    const file = `${path}:${line}`;
    const metadata = own(object, 'metadata');
    const [name, of] = [own(metadata, 'name'), own(metadata, 'namespace') ?? namespace];
    if (own(object, 'kind') !== 'NetworkPolicy' || own(object, 'apiVersion') !== 'networking.k8s.io/v1')
      wrong.push(
        `${file}: holds ${String(own(object, 'kind'))}, and only NetworkPolicies of networking.k8s.io/v1 are staged`,
      );
    else if (typeof name !== 'string' || name === '') wrong.push(`${file}: metadata.name is missing`);
    else if (of !== namespace) wrong.push(`${file}: is for namespace ${String(of)}, and not for ${namespace}`);
    else if (isReservedName(name)) wrong.push(`${file}: "${name}" is a name of the baseline`);
    else return [object as unknown as StoredObject];
    return [];
  });
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return planned;
}
