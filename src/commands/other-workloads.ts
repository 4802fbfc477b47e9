import { ApiError } from '../cluster/api-error.ts';
import type { OtherWorkload } from '../kubernetes/other-workloads.ts';
import type { Note } from '../reach/note.ts';
import { type Discovered, type Lister, sayRefusal } from './discovered.ts';

/**
 * Lists the objects of the kinds that the configuration lists under `workloads`, each in a version
 * in which it is judged. A kind that is not served is left out. Returns a note for each kind that
 * may have objects and could not be listed.
 * @param say the message of such a note, by the name of the resource and a clause that says why
 */
export async function listOtherWorkloads(
  served: Discovered,
  workloads: readonly OtherWorkload[],
  list: Lister,
  say: (name: string, why: string) => string,
): Promise<readonly Note[]> {
  const notes: Note[] = [];
  for (const workload of workloads) {
    const name = `${workload.resource}.${workload.group}`;
    const why = await listOne(served, workload, name, list);
    if (why !== undefined)
      notes.push({ id: 'kind-not-listed', message: say(name, why), objects: [name], overlooked: true });
  }
  return notes;
}

/** Returns why the objects are not known; undefined if they are, or if there can be none. */
async function listOne(
  served: Discovered,
  { group, kind, resource, versions }: OtherWorkload,
  name: string,
  list: Lister,
): Promise<string | undefined> {
  if ('problem' in served) return `which kinds there are is not known: ${served.problem}`;
  const found = served.resources.find(
    (one) =>
      one.group === group && one.resource === resource && (versions.includes('*') || versions.includes(one.version)),
  );
  if (found === undefined)
    return served.stale.includes(group) ? `the server of API group ${group} does not answer` : undefined;
  const apiVersion = `${group}/${found.version}`;
  try {
    await list(`/apis/${apiVersion}/${resource}`, { apiVersion, kind });
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError) || (error.code !== 403 && error.code !== 404)) throw error;
    return error.code === 404 ? undefined : sayRefusal(error, name);
  }
}
