// The scene of a drill: Ringfence in enforce behind one address, the commits of everybody, and
// everybody's writes.
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { webhookConfigurationName } from '../../src/admission/webhooks.ts';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { type Balancer, startBalancer } from '../e2e/balancer.ts';
import { precedingPods } from '../e2e/burst.ts';
import { eventually, type Installation, install, type Replica, type StartOptions } from '../e2e/installation.ts';
import { recordWalls, type WallHistory } from '../e2e/wall-history.ts';
import { startTraffic, type Traffic, type TrafficOptions } from './traffic.ts';

export interface Scene {
  readonly cluster: Cluster;
  readonly installation: Installation;
  readonly balancer: Balancer;
  readonly history: WallHistory;
  /** Starts a replica. It gets connections from the balancer when it is ready. */
  join(options?: StartOptions): Promise<Replica>;
  /**
   * Sends SIGTERM, as a kubelet does. The balancer learns of it late, from the probe, as endpoints
   * do. Resolves to the exit code when the process has ended.
   */
  retire(replica: Replica): Promise<number | null>;
  traffic(options: TrafficOptions): Promise<Traffic>;
  /**
   * Returns what was wrongly admitted, a line each: wrong objects, and Pods before the baseline of
   * their namespace.
   */
  wrongs(traffic: Traffic): Promise<readonly string[]>;
}

export interface SceneOptions {
  readonly isBlind?: boolean;
  /** The checkout of another release. */
  readonly sources?: string;
  /** An installation in enforce. By default, the manifests are applied. */
  readonly installation?: Installation;
}

/**
 * Builds a scene, which ends with the test. By default the balancer is blind: it sends connections
 * to every replica that it knows.
 */
export async function setScene(
  controlPlane: ControlPlane,
  { isBlind = true, sources, installation: given }: SceneOptions = {},
): Promise<Scene> {
  const cluster = connect({ kubeconfig: controlPlane.adminKubeconfig });
  onTestFinished(() => cluster.close());
  const installation = given ?? (await install(controlPlane, 'enforce', sources));
  onTestFinished(() => installation.end());
  const history = await recordWalls(controlPlane.adminKubeconfig);
  onTestFinished(() => history.stop());
  const balancer = await startBalancer({ isBlind });
  onTestFinished(() => balancer.close());
  return {
    cluster,
    installation,
    balancer,
    history,
    async join({ arguments: given = [], ...options } = {}) {
      const replica = await installation.start({
        webhookUrl: balancer.url,
        arguments: ['--drain-seconds', '2', ...given],
        ...options,
      });
      await untilReady(replica);
      balancer.add(replica.url);
      return replica;
    },
    async retire(replica) {
      replica.process.signal('SIGTERM');
      await eventually('the probe to say that it drains', async () => !(await isReady(replica)));
      // The time that a change of endpoints takes to reach every node.
      await delay(1_000);
      balancer.remove(replica.url);
      return (await replica.process.ended).code;
    },
    async traffic(options) {
      // A replica is ready before the API server knows its webhooks, and until the API server is
      // known to reach it, their entries fail open.
      await eventually('wrong objects to be refused', () => isRefused(cluster));
      await eventually('entries that fail closed', () => failsClosed(cluster));
      const traffic = await startTraffic(cluster, options);
      onTestFinished(() => traffic.stop());
      return traffic;
    },
    async wrongs(traffic) {
      await eventually('every baseline', () => history.withoutBaseline().length === 0);
      await history.catchUp();
      const early = precedingPods(history, traffic.entered()).map(({ namespace, name }) => `${namespace}/${name}`);
      return [...traffic.admitted(), ...early.map((pod) => `Pod ${pod} before its baseline`)];
    },
  };
}

/** Whether a namespace without labels is refused, by a call that writes nothing. */
async function isRefused(cluster: Cluster): Promise<boolean> {
  const body = { metadata: { name: 'unlabelled' } };
  const call = cluster.request('POST', namespacesPath, { body, query: { dryRun: 'All' } });
  return call.then(
    () => false,
    (error: unknown) => String(error).includes('ringfence.dev'),
  );
}

/** Whether the stored entry for Pods of namespaces that enforce fails closed. */
async function failsClosed(cluster: Cluster): Promise<boolean> {
  const stored = await cluster.request<{
    readonly webhooks: readonly { readonly name: string; readonly failurePolicy: string }[];
  }>('GET', `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${webhookConfigurationName}`);
  return stored.webhooks.some(({ name, failurePolicy }) => name === 'pods.ringfence.dev' && failurePolicy === 'Fail');
}

export async function isReady({ adminUrl }: Replica): Promise<boolean> {
  const answer = await fetch(`${adminUrl}/readyz`).catch(() => undefined);
  return answer?.ok === true;
}

/** Waits by the probe alone, because in some drills there is no log. */
export async function untilReady(replica: Replica, timeoutMs = 60_000): Promise<void> {
  await eventually('a replica to be ready', () => isReady(replica), timeoutMs);
}
