// The first moments: replicas that start together agree on one authority, and nobody notices an
// installation on a live cluster.

import { connect as connectTls } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { startApiProxy } from './api-proxy.ts';
import { startBalancer } from './balancer.ts';
import { burst, createNamespace } from './burst.ts';
import { isDoubt } from './doubt.ts';
import { applyManifests, type Installation, openInstallation, ownNamespace, type Replica } from './installation.ts';
import { startLife } from './life.ts';
import { isFullRun, tell } from './scale.ts';
import { failedCalls } from './traffic.ts';

// With the ServiceAccount plugin, Kubernetes refuses a Pod until its namespace has a service
// account.
const options = { disableAdmissionPlugins: ['ServiceAccount'] };
const webhooksPath = '/apis/admissionregistration.k8s.io/v1';
const kinds = ['validating', 'mutating'];

describeWithControlPlane('two replicas that start at the same instant', options, (controlPlane) => {
  it('make one authority, both serve under it, and not one call fails', async () => {
    const cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    onTestFinished(() => cluster.close());
    await applyManifests(controlPlane(), 'enforce');
    const installation = await openInstallation(controlPlane());
    onTestFinished(() => installation.end());
    const proxy = await startApiProxy(controlPlane());
    onTestFinished(() => proxy.close());
    const account = await controlPlane().kubeconfigForServiceAccount(ownNamespace, 'ringfence');
    const kubeconfig = ['--kubeconfig', proxy.kubeconfigFrom(account)];
    for (let round = 0; round < (isFullRun ? 10 : 2); round += 1) {
      await removeTraces(cluster);
      // Neither replica makes the Secret before both have found none, so that the race is always
      // lost.
      const meeting = meet(2);
      proxy.setPatience(({ method, path }) => (method === 'POST' && path.endsWith('/secrets') ? meeting() : undefined));
      const replicas = await startTogether(installation, kubeconfig);
      const { secrets, bundles } = await readTraces(cluster);
      expect(secrets).toHaveLength(1);
      expect(new Set([...secrets, ...bundles]).size).toBe(1);
      const [bundle = ''] = bundles;
      // Each replica by its own address, past the balancer, with the authorities that the API
      // server trusts.
      const served = await Promise.all(replicas.map(({ url }) => fingerprint(url, bundle)));
      expect(new Set(served).size).toBe(1);
      const authorities = replicas.flatMap((replica) =>
        replica.log().filter((line) => line.msg === 'certificates written'),
      );
      expect(authorities).toHaveLength(1);

      const names = Array.from({ length: 16 }, (_, index) => `round-${round}-${index}`);
      const { refusals } = await burst(cluster, names, { pods: 2 });
      expect(refusals.filter((refusal) => !isDoubt(refusal))).toEqual([]);
      const asked = replicas.map((replica) => replica.log().filter((line) => line['decision'] !== undefined).length);
      tell(`two replicas, start ${round + 1}: 1 authority, reviews by replica ${asked.join(' and ')}`);
      expect(Math.min(...asked)).toBeGreaterThan(0);
      for (const replica of replicas) replica.process.signal('SIGKILL');
      await Promise.all(replicas.map((replica) => replica.process.ended));
    }
    expect(await failedCalls(controlPlane())).toEqual([]);
  });
});

describeWithControlPlane('a first installation on a live cluster', options, (controlPlane) => {
  it('fails not one write of others', async () => {
    const cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    onTestFinished(() => cluster.close());
    // One namespace with labels of the vocabulary, and one without any.
    await createNamespace(cluster, 'labelled');
    await cluster.request('POST', namespacesPath, { body: { metadata: { name: 'legacy' } } });
    const life = startLife(cluster);
    onTestFinished(() => life.stop());
    await life.untilWritten(40);

    await applyManifests(controlPlane(), 'enforce');
    const installation = await openInstallation(controlPlane());
    onTestFinished(() => installation.end());
    const replicas = await startTogether(installation);
    const installedAt = life.written();
    await life.untilWritten(installedAt + 60);
    await life.stop();

    const asked = replicas.flatMap((replica) => replica.log().filter((line) => line['decision'] !== undefined)).length;
    tell(
      `first installation: ${life.written()} writes of others, ${life.failures().length} failed, ${life.doubts().length} in doubt, ` +
        `slowest ${life.slowestMs().toFixed(0)} ms; ${asked} reviews`,
    );
    expect(life.failures()).toEqual([]);
    expect(life.doubts().length).toBeLessThan(life.written() / 10);
    expect(await failedCalls(controlPlane())).toEqual([]);
    // It was in force during the writes: reviews were made, and wrong objects are refused.
    expect(asked).toBeGreaterThan(0);
    await expect(cluster.request('POST', namespacesPath, { body: { metadata: { name: 'wrong' } } })).rejects.toThrow(
      'ringfence.dev',
    );
  });
});

/** Starts two replicas behind one address at the same time. Resolves when both are ready. */
async function startTogether(installation: Installation, given: readonly string[] = []): Promise<readonly Replica[]> {
  const balancer = await startBalancer();
  onTestFinished(() => balancer.close());
  const replicas = await Promise.all(
    [1, 2].map(() => installation.start({ webhookUrl: balancer.url, arguments: given })),
  );
  for (const { url } of replicas) balancer.add(url);
  await Promise.all(replicas.map((replica) => replica.untilReady()));
  return replicas;
}

/** Lets the expected number of callers wait for each other. A later caller does not wait. */
function meet(expected: number): () => Promise<void> {
  const all = Promise.withResolvers<void>();
  let present = 0;
  return () => {
    present += 1;
    if (present >= expected) all.resolve();
    return all.promise;
  };
}

/** Removes the authority and the webhooks, as if Ringfence had never run. */
async function removeTraces(cluster: Cluster): Promise<void> {
  const paths = [
    ...kinds.map((kind) => `${webhooksPath}/${kind}webhookconfigurations/ringfence`),
    `${namespacesPath}/${ownNamespace}/secrets/ringfence-tls`,
  ];
  for (const path of paths) {
    await cluster.request('DELETE', path).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 404) throw error;
    });
  }
}

interface WebhookConfiguration {
  readonly webhooks?: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
}

/**
 * Reads the authorities (PEM) in each Secret of Ringfence and in each entry of the webhook
 * configurations.
 */
async function readTraces(
  cluster: Cluster,
): Promise<{ readonly secrets: readonly string[]; readonly bundles: readonly string[] }> {
  const found = await cluster.request<{ items: readonly { data?: Record<string, string> }[] }>(
    'GET',
    `${namespacesPath}/${ownNamespace}/secrets`,
  );
  const configurations = await Promise.all(
    kinds.map((kind) =>
      cluster.request<WebhookConfiguration>('GET', `${webhooksPath}/${kind}webhookconfigurations/ringfence`),
    ),
  );
  const decode = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString();
  return {
    secrets: found.items.map(({ data }) => decode(data?.['ca.crt'])),
    bundles: configurations.flatMap(({ webhooks = [] }) =>
      webhooks.map((entry) => decode(entry.clientConfig.caBundle)),
    ),
  };
}

/** Returns the fingerprint of the certificate at an address, if the authorities have signed it. */
function fingerprint(url: string, ca: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: hostname, port: Number(port), ca }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
