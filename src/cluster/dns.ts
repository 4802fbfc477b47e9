import { getKind } from '../kubernetes/kinds.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import type { Cluster } from './connection.ts';
import { listAll, readPage } from './list.ts';
import { resource } from './resource.ts';
import { resourcePath } from './resource-path.ts';

/** What says where DNS is: a Service by name, its EndpointSlices, and Pods by their labels. */
export function dnsObjects(cluster: Pick<Cluster, 'request'>) {
  const { get } = resource<RawObject>(cluster, { group: '', version: 'v1', resource: 'services', scope: 'Namespaced' });
  return {
    service: (namespace: string, name: string) => get({ namespace, name }),
    async slices(namespace: string, name: string): Promise<readonly RawObject[]> {
      const found: RawObject[] = [];
      const path = resourcePath({ api: '/apis/discovery.k8s.io/v1', resource: 'endpointslices', namespace });
      const query = { labelSelector: `kubernetes.io/service-name=${name}` };
      await listAll(cluster, path, { query }, (slice) => found.push(slice));
      return found;
    },
    /** Whether a namespace holds a Pod that carries these labels. Only its metadata is read. */
    async anyPod(namespace: string, labels: Readonly<Record<string, string>>): Promise<boolean> {
      const labelSelector = Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(',');
      const path = resourcePath({ api: '/api/v1', resource: getKind('Pod').resource, namespace });
      const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
      return (await readPage(cluster, path, { query: { labelSelector, limit: 1 }, accept })).items.length > 0;
    },
  };
}
