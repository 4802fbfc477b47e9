import { connect } from '../cluster/connection.ts';
import type { ClusterSource } from '../cluster/kubeconfig.ts';
import { listAll } from '../cluster/list.ts';
import { namespacesPath, networkPoliciesPath } from '../cluster/resources.ts';
import type { ServerClock } from '../cluster/server-clock.ts';
import type { Config } from '../config/config.ts';
import { otherKindsServed, soundingKinds } from '../doctor/discovery.ts';
import type { Served } from '../doctor/facts.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import type { OtherPolicyKind } from '../kubernetes/other-policies.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import type { DeclarationReading, ExposureReading } from '../library/world.ts';
import type { InventoryTaker } from '../network/inventory.ts';
import { dialects } from '../network/tiered-dialect.ts';
import { type Note, notesUnreadable } from '../reach/note.ts';
import { type Discovered, discover, type Lister, sayRefusal } from './discovered.ts';
import { listServices } from './services.ts';

/**
 * Reads a live cluster. RBAC must allow `list` on Namespaces, NetworkPolicies and Pods. Workloads
 * are read only with `declarations`: the ownerReferences of the Pods name them. Policies of other
 * kinds are listed as far as the API server serves them (one request for all groups, and one for
 * each kind).
 * Nodes are listed only if policies of policy.networking.k8s.io exist, which may select them.
 * Returns notes about what could not be read. Throws an Error with one line for each object that
 * cannot be read, unless these are ignored.
 */
export async function addCluster(
  worldTaker: InventoryTaker,
  {
    live,
    clock,
    config,
    exposures,
    declarations,
    ignoreUnreadable,
  }: {
    readonly live: ClusterSource;
    readonly clock: Pick<ServerClock, 'heard'>;
    readonly config: Pick<Config, 'workloads'>;
    readonly exposures?: ExposureReading;
    readonly declarations?: DeclarationReading;
    readonly ignoreUnreadable?: boolean;
  },
): Promise<readonly Note[]> {
  const cluster = connect({ ...live, clock });
  const taker = declarations === undefined ? worldTaker : bothOf(worldTaker, declarations);
  const wrong: string[] = [];
  const list: Lister = async (path, type) => {
    let count = 0;
    await listAll(cluster, path, {}, (raw) => {
      count += 1;
      // The items of a list do not contain their apiVersion and kind.
      for (const { field, message } of taker.add({ ...raw, ...type }, 'the cluster'))
        wrong.push(`${type.kind} ${nameOf(raw)}: ${field} ${message}`);
    });
    return count;
  };
  try {
    for (const [path, type] of collections) await list(path, type);
    const served = await discover(cluster);
    const notes = await addOtherPolicies(served, taker, list);
    if (wrong.length > 0 && ignoreUnreadable !== true) throw new Error(wrong.join('\n'));
    const services = await listServices(cluster, taker);
    if (exposures !== undefined) {
      const { listExposures } = await import('./exposures.ts');
      const unlisted = await listExposures((path, type) =>
        listAll(cluster, path, {}, (raw) => {
          exposures.taker.add({ ...raw, ...type }, raw.metadata.namespace ?? '');
        }),
      );
      exposures.notes.push(...unlisted);
    }
    const unread = notesUnreadable(wrong);
    if (declarations === undefined) return [podsOnly, ...unread, ...notes, ...services];
    const { listDeclarations } = await import('./declarations.ts');
    const undeclared = await listDeclarations(cluster, taker, { served, workloads: config.workloads });
    return [...unread, ...notes, ...services, ...undeclared];
  } finally {
    await cluster.close();
  }
}

/** Hands each object to both. */
function bothOf(taker: InventoryTaker, declarations: DeclarationReading): InventoryTaker {
  return {
    ...taker,
    add(object, place) {
      declarations.add(object, textAt(object, 'metadata', 'namespace') ?? '');
      return taker.add(object, place);
    },
  };
}

const collections = [
  [namespacesPath, { apiVersion: 'v1', kind: 'Namespace' }],
  [networkPoliciesPath, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' }],
  ['/api/v1/pods', { apiVersion: 'v1', kind: 'Pod' }],
] as const;

/** To list every workload would be a request for each kind, most of them for nothing. */
const podsOnly: Note = {
  id: 'pods-only',
  message: 'a live cluster is read by its Pods: a workload that has no Pod now is not in the answer',
  objects: [],
  overlooked: false,
};

/**
 * Lists the policies of other kinds that are served, and the nodes if some of them may select
 * nodes. Returns notes about what could not be read.
 */
export async function addOtherPolicies(
  served: Discovered,
  taker: Pick<InventoryTaker, 'addUnlisted'>,
  list: Lister,
): Promise<readonly Note[]> {
  if ('problem' in served) return [unseen(`which policies of other kinds there are is not known: ${served.problem}`)];
  let tiered = 0;
  for (const { kind, version } of otherKindsServed(served).filter(({ kind: { effect } }) => effect !== 'none')) {
    const apiVersion = `${kind.group}/${readableVersion(kind, served) ?? version}`;
    try {
      const count = await list(`/apis/${apiVersion}/${kind.resource}`, { apiVersion, kind: kind.kind });
      if (dialects.has(`${apiVersion} ${kind.kind}`)) tiered += count;
    } catch (error) {
      taker.addUnlisted({ kind, why: sayRefusal(error, `${kind.resource}.${kind.group}`) });
    }
  }
  return [
    ...(tiered === 0 ? [] : await addNodes(list)),
    ...served.stale.map((group) =>
      unseen(`the server of API group ${group} does not answer, so nothing of it is read`),
    ),
    ...soundingKinds(served).map(({ group, kind }) =>
      unseen(`kind ${kind} of ${group} is not read, and its name says that it decides about traffic`),
    ),
  ];
}

/** The served version in which policies of this kind are evaluated, if there is one. */
function readableVersion({ group, kind, resource }: OtherPolicyKind, { resources }: Served): string | undefined {
  const versions = resources.filter((one) => one.group === group && one.resource === resource);
  return versions.find(({ version }) => dialects.has(`${group}/${version} ${kind}`))?.version;
}

async function addNodes(list: Lister): Promise<readonly Note[]> {
  try {
    await list('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node' });
    return [];
  } catch (error) {
    return [unseen(`policies that select nodes are evaluated without them: ${sayRefusal(error, 'nodes')}`)];
  }
}

function nameOf({ metadata: { namespace, name } }: RawObject): string {
  return [namespace ?? [], name ?? ''].flat().join('/');
}

function unseen(message: string): Note {
  return { id: 'not-discovered', message, objects: [], overlooked: true };
}
