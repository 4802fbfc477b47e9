// Creates Pods as fast as an API server accepts them.
import type { Cluster } from '../src/cluster/connection.ts';
import { namespacesPath } from '../src/cluster/resources.ts';
import { identity } from './stage/population.ts';

export interface Writes {
  /** Milliseconds from each call to its answer. */
  readonly latencies: readonly number[];
  readonly perSecond: number;
}

const workers = 8;

let made = 0;

/**
 * Creates Pods with 8 workers, each of which creates the next Pod as soon as the previous one is
 * created. Throws if a Pod is refused.
 */
export async function createPods(
  cluster: Cluster,
  { namespace, count }: { readonly namespace: string; readonly count: number },
): Promise<Writes> {
  const latencies: number[] = [];
  const path = `${namespacesPath}/${namespace}/pods`;
  let begun = 0;
  async function work(): Promise<void> {
    while (begun < count) {
      begun += 1;
      made += 1;
      const body = {
        metadata: { name: `pod-${made}`, labels: { ...identity, expose: 'false' } },
        spec: { containers: [{ name: 'main', image: 'registry.example/main:1' }] },
      };
      const sent = performance.now();
      await cluster.request('POST', path, { body, timeoutMs: 30_000 });
      latencies.push(performance.now() - sent);
    }
  }
  const started = performance.now();
  await Promise.all(Array.from({ length: workers }, work));
  return { latencies, perSecond: count / ((performance.now() - started) / 1000) };
}
