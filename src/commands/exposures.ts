import { ApiError } from '../cluster/api-error.ts';
import { gatewayGroup } from '../kubernetes/exposing-kinds.ts';
import type { Note } from '../reach/note.ts';

/**
 * The collections of a live cluster. A resource has several versions where clusters serve different
 * ones; the first that is served counts.
 */
const collections: readonly (readonly [group: string, versions: readonly string[], resource: string, kind: string])[] =
  [
    ['', ['v1'], 'services', 'Service'],
    ['networking.k8s.io', ['v1'], 'ingresses', 'Ingress'],
    [gatewayGroup, ['v1', 'v1beta1'], 'gateways', 'Gateway'],
    [gatewayGroup, ['v1', 'v1beta1'], 'httproutes', 'HTTPRoute'],
    [gatewayGroup, ['v1', 'v1alpha2'], 'grpcroutes', 'GRPCRoute'],
    [gatewayGroup, ['v1', 'v1alpha3', 'v1alpha2'], 'tlsroutes', 'TLSRoute'],
    [gatewayGroup, ['v1', 'v1alpha2'], 'tcproutes', 'TCPRoute'],
    [gatewayGroup, ['v1', 'v1alpha2'], 'udproutes', 'UDPRoute'],
    [gatewayGroup, ['v1', 'v1beta1'], 'referencegrants', 'ReferenceGrant'],
    ['route.openshift.io', ['v1'], 'routes', 'Route'],
  ];

/**
 * Lists everything that may let the outside in. A resource that is not served is left out. One that
 * may not be listed becomes a note, because the answer may lack its objects.
 */
export async function listExposures(
  list: (path: string, type: { readonly apiVersion: string; readonly kind: string }) => Promise<unknown>,
): Promise<readonly Note[]> {
  const notes: Note[] = [];
  for (const [group, versions, resource, kind] of collections)
    for (const version of versions) {
      const apiVersion = group === '' ? version : `${group}/${version}`;
      try {
        await list(`${group === '' ? '/api' : '/apis'}/${apiVersion}/${resource}`, { apiVersion, kind });
        break;
      } catch (error) {
        if (!(error instanceof ApiError) || (error.code !== 403 && error.code !== 404)) throw error;
        if (error.code === 404) continue;
        const name = group === '' ? resource : `${resource}.${group}`;
        const message = `${name} may not be listed, so what they expose is missing`;
        notes.push({ id: 'kind-not-listed', message, objects: [name], overlooked: true });
        break;
      }
    }
  return notes;
}
