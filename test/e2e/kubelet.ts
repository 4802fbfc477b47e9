// Plays every node: Pods become ready a moment after their creation, and those of Jobs succeed.
import type { Cluster } from '../../src/cluster/connection.ts';
import { listAll } from '../../src/cluster/list.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';

export interface Kubelet {
  /** The number of Pods that it has started. */
  started(): number;
  stop(): Promise<void>;
}

export async function startKubelet(cluster: Cluster): Promise<Kubelet> {
  const stopped = new AbortController();
  const pending = new Set<Promise<void>>();
  let count = 0;

  function run(raw: RawObject): void {
    const { namespace, name, deletionTimestamp, ownerReferences } = raw.metadata;
    const { phase } = raw['status'] as { readonly phase?: string };
    // Ringfence's own Pods stay pending, because separate processes answer in this cluster.
    if (phase !== 'Pending' || deletionTimestamp !== undefined || namespace === 'ringfence-system') return;
    const isOfJob = ownerReferences?.some(({ kind }) => kind === 'Job') === true;
    const status = { phase: isOfJob ? 'Succeeded' : 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
    const patched = cluster
      .request('PATCH', path, { contentType: 'application/merge-patch+json', body: { status }, timeoutMs: 30_000 })
      .then(
        () => {
          count += 1;
        },
        // The Pod is already gone.
        () => undefined,
      )
      .finally(() => pending.delete(patched));
    pending.add(patched);
  }

  async function follow(): Promise<void> {
    while (!stopped.signal.aborted) {
      const resourceVersion = await listAll(cluster, '/api/v1/pods', { signal: stopped.signal }, run);
      const query = { resourceVersion, timeoutSeconds: 300 };
      const onEvent = (type: string, object: unknown): void => {
        if (type === 'ADDED') run(object as RawObject);
      };
      const { signal } = stopped;
      const watching = { path: '/api/v1/pods', query, silenceMs: 600_000, signal, onOpen: () => undefined, onEvent };
      // A watch ends after a number of bytes, or otherwise. The next list has what it missed.
      await cluster.watch(watching).catch(() => undefined);
    }
  }

  const following = follow().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error;
  });
  return {
    started: () => count,
    async stop() {
      stopped.abort();
      await following;
      await Promise.all(pending);
    },
  };
}
