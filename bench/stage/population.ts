// Namespaces in any number, made quickly: through the API, past Ringfence, with the baseline that
// Ringfence would make.
import PQueue from 'p-queue';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { ownNamespace } from '../../test/e2e/installation.ts';

/** Labels that the vocabulary of the defaults agrees with. */
export const identity = { env: 'prod', tier: 'api', team: 'shop' } as const;

/** What a cluster holds before Ringfence comes. */
export interface Population {
  /** All of them, `fenced` and `unfenced` among them. */
  readonly namespaces: number;
  /** Of how many one is fenced; 1 for every one but `unfenced`. */
  readonly fencedOneIn: number;
}

/** Makes them; each fenced namespace has both policies of its baseline. */
export async function populate(cluster: Cluster, { namespaces, fencedOneIn }: Population): Promise<void> {
  const others = Array.from({ length: namespaces - 2 }, (_, index) => ({
    name: `other-${index}`,
    isFenced: index % fencedOneIn === 0,
  }));
  const all = [{ name: 'fenced', isFenced: true }, { name: 'unfenced', isFenced: false }, ...others];
  // Two processors serve about 500 writes a second, whatever the number of callers.
  const queue = new PQueue({ concurrency: 16 });
  await queue.addAll(all.map((one) => () => make(cluster, one.name, one.isFenced)));
}

const config = defaultConfig({ ownNamespace, version: '0' });

async function make(cluster: Cluster, name: string, isFenced: boolean): Promise<void> {
  const labels = isFenced ? { ...identity, [fenceMark]: 'true' } : identity;
  await cluster.request('POST', namespacesPath, { body: { metadata: { name, labels } }, timeoutMs });
  if (!isFenced) return;
  for (const policy of desiredBaseline({ name, labels: new Map(Object.entries(labels)) }, config))
    await cluster.request('POST', `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`, {
      body: policy,
      query: { fieldManager: 'ringfence' },
      timeoutMs,
    });
}

/** As long as the API server gives a request. */
const timeoutMs = 60_000;
