import { ApiError } from '../cluster/api-error.ts';
import type { Cluster } from '../cluster/connection.ts';
import { listAll } from '../cluster/list.ts';
import { apiPathOf, apiVersionOf, kinds } from '../kubernetes/kinds.ts';
import type { OtherWorkload } from '../kubernetes/other-workloads.ts';
import type { InventoryTaker } from '../network/inventory.ts';
import { type Note, notesUnreadable } from '../reach/note.ts';
import type { Discovered, Lister } from './discovered.ts';
import { listOtherWorkloads } from './other-workloads.ts';

/**
 * What may declare flows in a live cluster, beside Services, Ingresses and routes: the workloads,
 * what the API server calls, monitors, and ConfigMaps, in which Services are named.
 */
const collections: readonly (readonly [path: string, apiVersion: string, kind: string])[] = [
  ...kinds
    .filter(({ template, kind }) => template.length > 0 && kind !== 'ReplicaSet')
    .map((kind) => [`${apiPathOf(kind)}/${kind.resource}`, apiVersionOf(kind), kind.kind] as const),
  ['/api/v1/nodes', 'v1', 'Node'],
  ['/api/v1/configmaps', 'v1', 'ConfigMap'],
  ...(['Validating', 'Mutating'] as const).map(
    (how) =>
      [
        `/apis/admissionregistration.k8s.io/v1/${how.toLowerCase()}webhookconfigurations`,
        'admissionregistration.k8s.io/v1',
        `${how}WebhookConfiguration`,
      ] as const,
  ),
  ['/apis/apiregistration.k8s.io/v1/apiservices', 'apiregistration.k8s.io/v1', 'APIService'],
  ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions', 'apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ['/apis/monitoring.coreos.com/v1/podmonitors', 'monitoring.coreos.com/v1', 'PodMonitor'],
  ['/apis/monitoring.coreos.com/v1/servicemonitors', 'monitoring.coreos.com/v1', 'ServiceMonitor'],
  ['/apis/monitoring.coreos.com/v1/probes', 'monitoring.coreos.com/v1', 'Probe'],
  ['/apis/monitoring.coreos.com/v1alpha1/scrapeconfigs', 'monitoring.coreos.com/v1alpha1', 'ScrapeConfig'],
];

/**
 * Lists what may declare flows, also the kinds that the configuration lists under `workloads`. A
 * resource that is not served is left out. One that may not be listed becomes a note, because the
 * answer may lack flows.
 */
export async function listDeclarations(
  cluster: Pick<Cluster, 'request'>,
  taker: InventoryTaker,
  { served, workloads }: { readonly served: Discovered; readonly workloads: readonly OtherWorkload[] },
): Promise<readonly Note[]> {
  const notes: Note[] = [];
  const wrong: string[] = [];
  for (const [path, apiVersion, kind] of collections) {
    try {
      // The items of a list do not contain their apiVersion and kind.
      await listAll(cluster, path, {}, (raw) => void taker.add({ ...raw, apiVersion, kind }, 'the cluster'));
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== 403 && error.code !== 404)) throw error;
      if (error.code === 404) continue;
      const name = path.slice(path.lastIndexOf('/') + 1);
      const message = `${name} may not be listed, so flows that they declare are missing`;
      notes.push({ id: 'kind-not-listed', message, objects: [name], overlooked: true });
    }
  }
  const list: Lister = async (path, type) => {
    let count = 0;
    await listAll(cluster, path, {}, (raw) => {
      count += 1;
      for (const { field, message } of taker.add({ ...raw, ...type }, 'the cluster'))
        wrong.push(`${type.kind} ${raw.metadata.namespace ?? ''}/${raw.metadata.name ?? ''}: ${field} ${message}`);
    });
    return count;
  };
  const unlisted = await listOtherWorkloads(
    served,
    workloads,
    list,
    (name, why) => `${name} are not read, so flows that they declare are missing: ${why}`,
  );
  return [...notes, ...unlisted, ...notesUnreadable(wrong)];
}
