import type { Cluster } from '../cluster/connection.ts';
import { clusterRoles, namespaces } from '../cluster/resources.ts';
import type { OwnerReference } from '../kubernetes/object-meta.ts';
import { apiCode } from '../retry/answer.ts';
import type { Patience } from './patience.ts';

/**
 * The ClusterRole with the right to make the webhook configurations
 * (manifests/base/cluster-role-webhooks.yaml).
 */
export const webhooksRoleName = 'ringfence-webhooks';

/**
 * Finds the owner of everything that the process makes for itself: the webhook configurations and
 * the Secret. It is the ClusterRole with the right to make the configurations, because every way to
 * remove an installation removes it, and with it the right to make them again. Where there is no
 * such role (somebody has written others) or it may not be read, it is the Namespace of the
 * process. Throws if that does not exist either.
 * @returns a function that reads the uid of the owner live, as it may have been made again. It
 * rejects if the owner is gone, and never changes to the Namespace: an installation that is being
 * removed must leave nothing that outlives it.
 */
export async function openOwner(
  cluster: Pick<Cluster, 'request'>,
  namespace: string,
  untilAnswered: Patience,
): Promise<() => Promise<OwnerReference>> {
  const role = async () =>
    referenceTo('rbac.authorization.k8s.io/v1', 'ClusterRole', await clusterRoles(cluster).get(webhooksRoleName));
  const home = async () => referenceTo('v1', 'Namespace', await namespaces(cluster).get(namespace));
  const isRole = (await untilAnswered(() => role().catch(undefinedIfForbidden))) !== undefined;
  const read = isRole ? role : home;
  if (!isRole && (await untilAnswered(home)) === undefined)
    throw new Error(`namespace ${namespace} does not exist; apply the manifests first`);
  return async () => {
    const owner = await read();
    if (owner !== undefined) return owner;
    throw new Error(
      `${isRole ? `ClusterRole ${webhooksRoleName}` : `namespace ${namespace}`} is gone, so nothing is made for this installation`,
    );
  };
}

function referenceTo(
  apiVersion: string,
  kind: string,
  object: { readonly metadata: { readonly name?: string; readonly uid?: string } } | undefined,
): OwnerReference | undefined {
  const { name = '', uid } = object?.metadata ?? {};
  return uid === undefined ? undefined : { apiVersion, kind, name, uid };
}

function undefinedIfForbidden(error: unknown): undefined {
  if (apiCode(error) !== 403) throw error;
}
