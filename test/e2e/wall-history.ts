// The truth of the race, on one etcd: what the API server committed, in the order of its
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
  /** When it was heard of, in milliseconds since 1970. */
  readonly at: number;
}

/** What stood around an object at the moment of its creation. */
export interface Standing {
  /**
   * When the namespace it is in was created; undefined where there was none at that moment (it had
   * ended just before).
   */
  readonly namespace: { readonly uid: string; readonly version: bigint } | undefined;
  /**
   * The version with which deny-all-baseline was first created in that namespace, of this uid;
   * undefined where that never was, or later.
   */
  readonly wallCreated: bigint | undefined;
  /** Whether deny-all-baseline was there and as it must be, at that moment. */
  readonly isWalled: boolean;
}

/**
 * Follows namespaces and NetworkPolicies from its start on, and loses nothing: a watch that breaks
 * makes every question fail.
 */
export interface WallHistory {
  /**
   * Resolves once everything committed before the call has been heard of, to a version between what
   * was committed before and after it.
   */
  catchUp(): Promise<bigint>;
  /** What stood when `version` was committed in `namespace`. Catch up first. */
  standingAt(namespace: string, version: bigint): Standing;
  /** The changes of one NetworkPolicy, oldest first. */
  changesOf(namespace: string, name: string): readonly Change[];
  /** The changes of a Namespace object, oldest first. */
  namespaceChanges(namespace: string): readonly Change[];
  /**
   * Among the namespaces that stand now and carry the mark, those that lack one of the two baseline
   * policies.
   */
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
      // One change in each collection, where no rule of anyone asks: once it is heard of, so is all
      // that came before it.
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
 * A deny-all as the API server stores it: empty lists of rules are left out (networking/v1,
 * omitempty). Not asked of the code under test.
 */
export function isWall(policy: RawObject): boolean {
  const { deletionTimestamp, ownerReferences } = policy.metadata;
  if (deletionTimestamp !== undefined || ownerReferences !== undefined) return false;
  return isDeepStrictEqual(policy['spec'], { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
}

/** An object's resourceVersion: on one etcd, the number of the commit that wrote it. */
export function versionOf(object: RawObject): bigint {
  return BigInt(object.metadata.resourceVersion ?? '0');
}

/** As a client of a loaded control plane waits: half of what the API server itself allows. */
const callTimeoutMs = 30_000;
/** Longer than any test: bookmarks come each minute, and the watch is not to end by itself. */
const watchSeconds = 3_600;

interface Changes {
  /** By `name` or `namespace/name`. */
  of(key: string): readonly Change[];
  keys(): readonly string[];
}

/** What stood at the start counts as added then. */
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
