import { join } from 'node:path';
import { isReservedName } from '../baseline/names.ts';
import type { StoredObject } from '../fencing/ports.ts';
import { recordName } from '../plan/record.ts';
import { comparePolicies, plannedPolicies } from '../plan/verify.ts';
import { systemFiles } from './files.ts';
import { readPlanFolder, requireRecord } from './plan-folder.ts';

/**
 * Reads the NetworkPolicies that `ringfence plan --write` has written for a namespace: the folder
 * of its name. Throws an Error that names everything in it that is not as plan.json says, because
 * an interrupted run or an edit can leave a policy that opens more than was planned.
 */
export async function readPlanned(folder: string | undefined, namespace: string): Promise<readonly StoredObject[]> {
  if (folder === undefined) return [];
  const record = await requireRecord(folder);
  if (!Object.hasOwn(record.plans, namespace))
    throw new Error(
      `${join(folder, recordName)}: has no plan of namespace ${namespace}; ringfence plan ${namespace} --write ${folder} writes it`,
    );
  const planned = plannedPolicies(record).filter(({ metadata }) => metadata.namespace === namespace);
  const own = join(folder, namespace);
  if (planned.length === 0 && !(await isThere(own))) return [];
  const { documents, strange } = await readPlanFolder(own, () => true);
  const reserved = documents
    .map(({ file, object }) => ({ file, object: object as StoredObject }))
    .filter(({ object }) => isReservedName(object.metadata?.name ?? ''));
  const wrong = [
    ...strange,
    ...comparePolicies(planned, documents),
    ...reserved.map(({ file, object }) => `${file}: "${object.metadata.name}" is a name of the baseline`),
  ];
  if (wrong.length > 0)
    throw new Error(
      `${wrong.join('\n')}\nnothing was staged: the files are not those of ${join(folder, recordName)}; ringfence plan ${namespace} --write ${folder} writes them again`,
    );
  return documents.map(({ object }) => object as StoredObject);
}

async function isThere(folder: string): Promise<boolean> {
  return systemFiles.look(folder).then(
    () => true,
    () => false,
  );
}
