import { webhookConfigurationName } from '../admission/webhooks.ts';
import { own } from '../kubernetes/raw-object.ts';
import {
  admissionPolicyKinds,
  clusterRoleBindingKind,
  clusterRoleKind,
  type Found,
  type Kind,
  locationOf,
  namespaceKind,
  webhookConfigurationKinds,
} from './locations.ts';
import type { Objects } from './ports.ts';
import { Stop } from './report.ts';
import { namespaceLocation } from './scenery.ts';

/** The label that every object in `manifests/` carries. */
const partOf = { key: 'app.kubernetes.io/part-of', value: 'ringfence' } as const;

/**
 * The binding that lets the replicas write webhook configurations
 * (`manifests/base/cluster-role-binding-webhooks.yaml`).
 */
const webhookBindingName = 'ringfence-webhooks';

/** Finds the binding that allows the replicas to create the webhook configurations again. */
export async function findWebhookRights(objects: Objects): Promise<readonly Found[]> {
  return named(objects, clusterRoleBindingKind, webhookBindingName);
}

/** Finds the webhook configurations and the admission policies of the backstop. */
export async function findWebhooks(objects: Objects): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const kind of webhookConfigurationKinds) found.push(...(await named(objects, kind, webhookConfigurationName)));
  for (const kind of admissionPolicyKinds) found.push(...(await labelled(objects, kind)));
  return found;
}

/**
 * Finds Ringfence's own namespace, unless it is deleted or being deleted. Throws {@link Stop} if
 * the namespace may not belong to Ringfence.
 */
export async function findHome(objects: Objects, name: string): Promise<readonly Found[]> {
  const object = await objects.get(namespaceLocation(name));
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return [];
  if (own(object.metadata.labels, partOf.key) !== partOf.value)
    throw new Stop(
      'refused',
      `namespace ${name} does not carry ${partOf.key}=${partOf.value}, so it may not be Ringfence's own; it would be deleted with everything in it (--namespace names another)`,
    );
  return [{ kind: namespaceKind, object }];
}

/** Finds the cluster roles and their bindings, bindings first. */
export async function findRoles(objects: Objects): Promise<readonly Found[]> {
  return [...(await labelled(objects, clusterRoleBindingKind)), ...(await labelled(objects, clusterRoleKind))];
}

async function named(objects: Objects, kind: Kind, name: string): Promise<readonly Found[]> {
  const object = await objects.get(locationOf({ kind, object: { metadata: { name } } }));
  return object === undefined ? [] : [{ kind, object }];
}

async function labelled(objects: Objects, kind: Kind): Promise<readonly Found[]> {
  const found = await objects.list(collectionOf(kind), { labelSelector: `${partOf.key}=${partOf.value}` });
  return (found ?? []).map((object) => ({ kind, object }));
}

function collectionOf({ api, resource }: Kind): { readonly api: string; readonly resource: string } {
  return { api, resource };
}
