import type { Kept } from '../audit/collection.ts';
import { readNamespace } from '../baseline/namespace.ts';
import { asOf } from '../baseline/trial.ts';
import { namespacesPath, networkPoliciesPath } from '../cluster/resources.ts';
import type { Config } from '../config/config.ts';
import { lookAgain } from '../doctor/fences.ts';
import type { DoctorPorts } from '../doctor/ports.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';

/** The Namespaces and the NetworkPolicies of a cluster. */
export interface Listed {
  readonly namespaces: readonly Kept[];
  readonly policies: readonly Kept[];
}

/** Lists objects of a collection as they are now. */
export type ReadAgain = (
  path: string,
  query: Readonly<Record<string, string>>,
  take: (kept: Kept) => void,
) => Promise<void>;

/**
 * Reads again the namespaces whose baseline seems wrong at a time (milliseconds since 1970),
 * because the two lists are not of one moment.
 */
export async function confirmFences(
  listed: Listed,
  { config, now, read }: { readonly config: Config; readonly now: number; readonly read: ReadAgain },
): Promise<Listed> {
  const keptOf = new Map<RawObject, Kept>();
  const objectOf = (kept: Kept): readonly RawObject[] => {
    if ('ended' in kept) return [];
    const object = kept.object as RawObject;
    keptOf.set(object, kept);
    return [object];
  };
  const namespaces = listed.namespaces.flatMap(objectOf);
  const latest = new Map(namespaces.map((object) => [object.metadata.name ?? '', object]));
  const list: DoctorPorts['list'] = (path, query, onObject) =>
    read(path, query, (kept) => {
      for (const object of objectOf(kept)) {
        if (path === namespacesPath) latest.set(object.metadata.name ?? '', object);
        onObject(object);
      }
    });
  const first = {
    namespaces: namespaces.map((object) => asOf(readNamespace(object), now)),
    policies: listed.policies.flatMap(objectOf),
  };
  const found = await lookAgain(first, {
    config,
    now,
    list,
    async policies() {
      const all: RawObject[] = [];
      await list(networkPoliciesPath, {}, (object) => all.push(object));
      return all;
    },
  });
  if (found === first) return listed;
  const keep = (objects: readonly RawObject[]): readonly Kept[] =>
    [...objects].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)).flatMap((object) => keptOf.get(object) ?? []);
  return {
    namespaces: keep(found.namespaces.flatMap(({ name }) => latest.get(name) ?? [])),
    policies: keep(found.policies),
  };
}

/** What the API server sorts a list by. */
function placeOf({ metadata: { namespace, name } }: RawObject): string {
  return `${namespace ?? ''}/${name ?? ''}`;
}
