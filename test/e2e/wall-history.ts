// The truth about the race, on one etcd: the commits of the API server, in the order of their
// resourceVersions.
import { isDeepStrictEqual } from 'node:util';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { listAll } from '../../src/cluster/list.ts';
import { namespacesPath, networkPoliciesPath } from '../../src/cluster/resources.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';
import { eventually } from './installation.ts';

/** One committed change. */
export interface Change {
  readonly version: bigint;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: RawObject;
  /** The time at which its event arrived, in milliseconds since 1970. */
  readonly at: number;
}

/** The state of the namespace when an object was created. */
export interface Standing {
  /** The namespace at that moment; undefined if there was none (it had just ended). */
  readonly namespace: { readonly uid: string; readonly version: bigint } | undefined;
  /**
   * The version of the first creation of deny-all-baseline in the namespace with this uid;
   * undefined if there was none, or only later.
   */
  readonly wallCreated: bigint | undefined;
  /** Whether deny-all-baseline existed and was correct at that moment. */
  readonly isWalled: boolean;
}

/**
 * Follows namespaces and NetworkPolicies from its start on, without a gap. If a watch breaks, every
 * question fails.
 */
export interface WallHistory {
  /**
   * Waits until every commit before the call has arrived. Resolves to a version between the commits
   * before and after it.
   */
  catchUp(): Promise<bigint>;
  /** Returns the state when `version` was committed in `namespace`. Call `catchUp` first. */
  standingAt(namespace: string, version: bigint): Standing;
  /** The changes of one NetworkPolicy, oldest first. */
  changesOf(namespace: string, name: string): readonly Change[];
  /** The changes of a Namespace object, oldest first. */
  namespaceChanges(namespace: string): readonly Change[];
  /** Returns the marked namespaces that lack one of the two baseline policies now. */
  withoutBaseline(): readonly string[];
  stop(): Promise<void>;
}

export async function recordWalls(kubeconfig: string): Promise<WallHistory> {
  const cluster = connect({ kubeconfig });
  const stopped = new AbortController();
  const namespaces = await record(cluster, namespacesPath, stopped.signal);
  const policies = await record(cluster, networkPoliciesPath, stopped.signal);
  let marker = 0;

  function standingAt(namespace: string, version: bigint): Standing {
    const lives = namespaces.of(namespace).filter((change) => change.version <= version && change.type !== 'MODIFIED');
    const life = lives.at(-1);
    const start = lives.findLast((change) => change.type === 'ADDED');
    const since = start?.version ?? 0n;
    const walls = policies
      .of(`${namespace}/deny-all-baseline`)
      .filter((change) => change.version > since && change.version <= version);
    const last = walls.at(-1);
    return {
      namespace:
        start === undefined || life?.type === 'DELETED'
          ? undefined
          : { uid: start.object.metadata.uid ?? '', version: since },
      wallCreated: walls.find((change) => change.type === 'ADDED')?.version,
      isWalled: last !== undefined && last.type !== 'DELETED' && isWall(last.object),
    };
  }

  return {
    async catchUp() {
      marker += 1;
      // Makes one change in each collection that no rule matches. When its event has arrived, so
      // has everything before it.
      const name = `wall-history-${marker}`;
      const path = '/apis/networking.k8s.io/v1/namespaces/kube-system/networkpolicies';
      const policy = await cluster.request<RawObject>('POST', path, {
        body: { metadata: { name }, spec: { podSelector: {}, policyTypes: ['Ingress'] } },
        timeoutMs: callTimeoutMs,
      });
      const namespace = await cluster.request<RawObject>('PATCH', `${namespacesPath}/kube-public`, {
        contentType: 'application/merge-patch+json',
        body: { metadata: { annotations: { 'wall-history': String(marker) } } },
        timeoutMs: callTimeoutMs,
      });
      const isHeard = (changes: readonly Change[], written: RawObject): boolean =>
        (changes.at(-1)?.version ?? 0n) >= versionOf(written);
      await eventually(
        'the history to catch up',
        () => isHeard(policies.of(`kube-system/${name}`), policy) && isHeard(namespaces.of('kube-public'), namespace),
      );
      return versionOf(namespace);
    },
    standingAt,
    changesOf: (namespace, name) => policies.of(`${namespace}/${name}`),
    namespaceChanges: (namespace) => namespaces.of(namespace),
    withoutBaseline() {
      const isThere = (key: string): boolean => {
        const last = policies.of(key).at(-1);
        return last !== undefined && last.type !== 'DELETED';
      };
      return namespaces.keys().filter((name) => {
        const last = namespaces.of(name).at(-1);
        if (last === undefined || last.type === 'DELETED') return false;
        if (!Object.hasOwn(last.object.metadata.labels ?? {}, 'ringfence.dev/fence')) return false;
        if (last.object.metadata.deletionTimestamp !== undefined) return false;
        const wall = policies.of(`${name}/deny-all-baseline`).at(-1);
        return !(
          isThere(`${name}/allow-dns-egress`) &&
          isThere(`${name}/deny-all-baseline`) &&
          wall &&
          isWall(wall.object)
        );
      });
    },
    async stop() {
      stopped.abort();
      await cluster.close();
    },
  };
}

/**
 * Whether a policy is a deny-all as the API server stores it, without empty lists of rules
 * (networking/v1, omitempty). It does not use the code under test.
 */
export function isWall(policy: RawObject): boolean {
  const { deletionTimestamp, ownerReferences } = policy.metadata;
  if (deletionTimestamp !== undefined || ownerReferences !== undefined) return false;
  return isDeepStrictEqual(policy['spec'], { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
}

/**
 * Returns the resourceVersion of an object. On one etcd it is the number of the commit that wrote
 * it.
 */
export function versionOf(object: RawObject): bigint {
  return BigInt(object.metadata.resourceVersion ?? '0');
}

/** The limit for a client of a loaded control plane: half of the API server's own limit. */
const callTimeoutMs = 30_000;
/** Longer than any test. Bookmarks come each minute, and the watch must not end by itself. */
const watchSeconds = 3_600;

interface Changes {
  /** Returns the changes by `name` or `namespace/name`. */
  of(key: string): readonly Change[];
  keys(): readonly string[];
}

/** Objects that existed at the start count as added then. */
async function record(cluster: Cluster, path: string, signal: AbortSignal): Promise<Changes> {
  const changes = new Map<string, Change[]>();
  let broken: unknown;
  const take = (type: string, object: unknown): void => {
    const raw = object as RawObject;
    if (type === 'BOOKMARK') return;
    const { namespace, name = '' } = raw.metadata;
    const key = namespace === undefined ? name : `${namespace}/${name}`;
    const entry = { version: versionOf(raw), type: type as Change['type'], object: raw, at: Date.now() };
    changes.set(key, [...(changes.get(key) ?? []), entry]);
  };
  const resourceVersion = await listAll(cluster, path, { signal }, (raw) => take('ADDED', raw));
  const opened = Promise.withResolvers<void>();
  const query = { resourceVersion, allowWatchBookmarks: true, timeoutSeconds: watchSeconds };
  cluster.watch({ path, query, silenceMs: watchSeconds * 1000, signal, onOpen: opened.resolve, onEvent: take }).then(
    () => {
      broken = new Error(`the watch of ${path} has ended`);
    },
    (error: unknown) => {
      broken = error;
      opened.reject(error);
    },
  );
  await opened.promise;
  const ask = <T>(answer: T): T => {
    if (broken !== undefined && !signal.aborted)
      throw new Error(`the history of ${path} is not whole`, { cause: broken });
    return answer;
  };
  return { of: (key) => ask(changes.get(key) ?? []), keys: () => ask([...changes.keys()]) };
}
