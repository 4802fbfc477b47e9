// Creates any number of namespaces quickly: through the API, without Ringfence, and with the
// baseline that Ringfence would create.
import PQueue from 'p-queue';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { ownNamespace } from '../../test/e2e/installation.ts';

/** Labels that the default vocabulary allows. */
export const identity = { env: 'prod', tier: 'api', team: 'shop' } as const;

/** The content of a cluster before Ringfence is installed. */
export interface Population {
  /** All namespaces, including `fenced` and `unfenced`. */
  readonly namespaces: number;
  /** One namespace in this many is fenced. With 1, all but `unfenced` are fenced. */
  readonly fencedOneIn: number;
}

/** Creates the namespaces. Each fenced one has both policies of its baseline. */
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

/** The API server's own limit for a request. */
const timeoutMs = 60_000;
