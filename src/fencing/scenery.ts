import { denyAllName, reservedNames } from '../baseline/names.ts';
import { locationOf, namespaceKind, networkPolicyKind } from './locations.ts';
import type { Location, Objects, StoredObject } from './ports.ts';
import { Stop } from './report.ts';
import type { Scene } from './targets.ts';

/** Returns the location of a namespace. */
export function namespaceLocation(name: string): Location {
  return locationOf({ kind: namespaceKind, object: { metadata: { name } } });
}

/** Returns the location of a NetworkPolicy. */
export function networkPolicyLocation(namespace: string, name: string): Location {
  return locationOf({ kind: networkPolicyKind, object: { metadata: { namespace, name } } });
}

/** Reads a namespace live. Throws {@link Stop} if it does not exist. */
export async function readExisting(objects: Objects, name: string): Promise<StoredObject> {
  const namespace = await objects.get(namespaceLocation(name));
  if (namespace === undefined) throw new Stop('failed', `there is no namespace ${name}`);
  return namespace;
}

/** Whether an object carries one of these labels, with any value. */
export function carries({ metadata: { labels } }: StoredObject, keys: readonly string[]): boolean {
  return labels !== undefined && keys.some((key) => Object.hasOwn(labels, key));
}

/**
 * Reads one namespace and its baseline. Throws {@link Stop} if the namespace has another uid: it
 * was deleted and created again, and the command does not concern the new one.
 */
export async function lookAtNamespace(
  objects: Objects,
  {
    name,
    uid,
    labels,
  }: { readonly name: string; readonly uid: string | undefined; readonly labels: readonly string[] },
): Promise<Scene> {
  const namespace = await readExisting(objects, name);
  if (uid !== undefined && namespace.metadata.uid !== uid)
    throw new Stop('failed', `namespace ${name} has been deleted and created again in the meantime`);
  const [wall, ...others] = await Promise.all(
    reservedNames.map((policy) => objects.get(networkPolicyLocation(name, policy))),
  );
  return { marked: carries(namespace, labels) ? [namespace] : [], walls: some(wall), others: others.flatMap(some) };
}

/** Reads every namespace and its baseline, except Ringfence's own, which is deleted as a whole. */
export async function lookAtCluster(
  objects: Objects,
  { labels, ownNamespace }: { readonly labels: readonly string[]; readonly ownNamespace: string },
): Promise<Scene> {
  const list = async (name: string): Promise<readonly StoredObject[]> => {
    const found = (await objects.list(networkPolicyKind, { fieldSelector: `metadata.name=${name}` })) ?? [];
    return found.filter(({ metadata }) => metadata.namespace !== ownNamespace);
  };
  const namespaces = (await objects.list(namespaceKind)) ?? [];
  return {
    marked: namespaces.filter((one) => one.metadata.name !== ownNamespace && carries(one, labels)),
    walls: await list(denyAllName),
    others: (await Promise.all(otherNames.map(list))).flat(),
  };
}

const otherNames = reservedNames.filter((name) => name !== denyAllName);

function some(object: StoredObject | undefined): readonly StoredObject[] {
  return object === undefined ? [] : [object];
}
