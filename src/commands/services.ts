import { ApiError } from '../cluster/api-error.ts';
import type { Cluster } from '../cluster/connection.ts';
import { listAll } from '../cluster/list.ts';
import type { InventoryTaker } from '../network/inventory.ts';
import type { Note } from '../reach/note.ts';

/** Services come first, since only the EndpointSlices of those without a selector are kept. */
const collections = [
  ['/api/v1/services', { apiVersion: 'v1', kind: 'Service' }, 'no end can be a Service'],
  [
    '/apis/discovery.k8s.io/v1/endpointslices',
    { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
    'no end can be a Service without a selector',
  ],
] as const;

/**
 * Lists the Services of a live cluster and who answers them. Policies do not read them, so a reader
 * without the right to list them gets every other answer, and a note. A resource that is not served
 * is left out.
 */
export async function listServices(cluster: Pick<Cluster, 'request'>, taker: InventoryTaker): Promise<readonly Note[]> {
  const notes: Note[] = [];
  for (const [path, type, consequence] of collections) {
    try {
      // The items of a list do not contain their apiVersion and kind.
      await listAll(cluster, path, {}, (raw) => void taker.add({ ...raw, ...type }, 'the cluster'));
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== 403 && error.code !== 404)) throw error;
      if (error.code === 404) continue;
      const name = path.slice(path.lastIndexOf('/') + 1);
      const message = `${name} may not be listed: ${consequence}`;
      notes.push({ id: 'kind-not-listed', message, objects: [name], overlooked: false, namespaces: [] });
    }
  }
  return notes;
}
