// The API server cannot reach Ringfence, although Ringfence reaches itself: private control planes,
// custom CNIs, firewalls.
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { startBalancer } from './balancer.ts';
import { createNamespace } from './burst.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { startLife } from './life.ts';
import { isFullRun, tell } from './scale.ts';

const options = { disableAdmissionPlugins: ['ServiceAccount'] };
const environment = { NODE_OPTIONS: `--import=${pathToFileURL('test/e2e/detour.ts')}` };
const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/ringfence';

describeWithControlPlane('a name that only the process resolves', options, (controlPlane) => {
  it('fails not one write of others, and says which direction fails', async () => {
    const { cluster, installation } = await begin(controlPlane());
    const life = startLife(cluster);
    onTestFinished(() => life.stop());
    const replica = await installation.start({ webhookUrl: 'https://rf.only-from-pods.example:24999', environment });
    await eventually('the entries', async () => (await entriesOf(cluster)).length > 0);
    const note = await eventually('a note', async () => (await readyz(replica)).notes?.[0]);
    await delay(isFullRun ? 60_000 : 5_000);
    await life.stop();
    tell(
      `not reached: ${life.written()} writes of others, ${life.failures().length} failed, slowest ${life.slowestMs().toFixed(0)} ms`,
    );
    expect(life.failures()).toEqual([]);
    expect(note).toMatch(
      /^the API server cannot reach the webhooks: .*no such host.*; entries fail open until it does$/,
    );
    expect(await readyz(replica)).toMatchObject({ status: 'ready', webhooksReached: false, webhooksFailOpen: true });
    expect(replica.log().find(({ msg }) => msg === 'webhooks are not reached by the API server')?.['reason']).toMatch(
      /no such host/,
    );
    expect(await closedEntries(cluster)).toEqual(['reach.ringfence.dev']);
  });
});

describeWithControlPlane(
  'two replicas behind an address that does not answer the API server',
  options,
  (controlPlane) => {
    it('fail open until it does, through a restart; then closed, through a restart and when reach is lost again', async () => {
      const { cluster, installation } = await begin(controlPlane());
      const balancer = await startBalancer();
      onTestFinished(() => balancer.close());
      const start = () => installation.start({ webhookUrl: balancer.url, environment });
      const life = startLife(cluster);
      onTestFinished(() => life.stop());

      const replicas = await Promise.all([start(), start()]);
      await eventually('the entries', async () => (await entriesOf(cluster)).length > 0);
      await life.untilWritten(60);
      await end(replicas.splice(0, 1));
      replicas.push(await start());
      await Promise.all(
        replicas.map((replica) => eventually('a note', async () => (await readyz(replica)).notes?.[0])),
      );
      expect(await closedEntries(cluster)).toEqual(['reach.ringfence.dev']);

      expect(life.failures()).toEqual([]);
      const openedAt = performance.now();
      for (const { url } of replicas) balancer.add(url);
      await eventually('entries that fail closed', async () => (await closedEntries(cluster)).length > 1);
      tell(`the way was opened: entries fail closed after ${(performance.now() - openedAt).toFixed(0)} ms`);
      await Promise.all(replicas.map((replica) => replica.untilReady()));
      await life.untilWritten(life.written() + 40);
      await life.stop();
      tell(
        `two replicas: ${life.written()} writes of others, ${life.failures().length} failed, ${life.doubts().length} in doubt`,
      );
      expect(life.failures()).toEqual([]);
      expect(life.doubts().length).toBeLessThan(life.written() / 10);
      const closed = await closedEntries(cluster);

      // All replicas start again, and the API server reaches none.
      await end(replicas.splice(0));
      const restarted = await start();
      await eventually('a note', async () => (await readyz(restarted)).notes?.[0]);
      expect((await readyz(restarted)).notes?.[0]).toMatch(/; entries that fail closed stay so$/);
      expect(await closedEntries(cluster)).toEqual(closed);
      await expect(createNamespace(cluster, 'during-an-outage')).rejects.toThrow('failed calling webhook');

      balancer.add(restarted.url);
      await restarted.untilReady();
      await createNamespace(cluster, 'after-it');

      balancer.remove(restarted.url);
      await balancer.reconnect();
      await eventually('the loss to be noticed', async () => (await readyz(restarted)).notes?.[0]);
      expect(await closedEntries(cluster)).toEqual(closed);

      // A configuration that was deleted by hand is made again unchanged, because this process has
      // its proof.
      await cluster.request('DELETE', path);
      await eventually('the entries', async () => (await entriesOf(cluster)).length > 0);
      expect(await closedEntries(cluster)).toEqual(closed);
    }, 180_000);
  },
);

async function begin(
  controlPlane: ControlPlane,
): Promise<{ readonly cluster: Cluster; readonly installation: Installation }> {
  const cluster = connect({ kubeconfig: controlPlane.adminKubeconfig });
  onTestFinished(() => cluster.close());
  await createNamespace(cluster, 'labelled');
  await cluster.request('POST', namespacesPath, { body: { metadata: { name: 'legacy' } } });
  const installation = await install(controlPlane, 'enforce');
  onTestFinished(() => installation.end());
  return { cluster, installation };
}

async function end(replicas: readonly Replica[]): Promise<void> {
  for (const replica of replicas) replica.process.signal('SIGKILL');
  await Promise.all(replicas.map((replica) => replica.process.ended));
}

interface Readyz {
  readonly status: string;
  readonly notes?: readonly string[];
}

async function readyz({ adminUrl }: Replica): Promise<Readyz> {
  const answer = await fetch(`${adminUrl}/readyz`).catch(() => undefined);
  return answer === undefined ? { status: 'not started' } : ((await answer.json()) as Readyz);
}

async function entriesOf(
  cluster: Cluster,
): Promise<readonly { readonly name: string; readonly failurePolicy: string }[]> {
  const found = await cluster
    .request<{ webhooks?: readonly { name: string; failurePolicy: string }[] }>('GET', path)
    .catch(() => undefined);
  return found?.webhooks ?? [];
}

async function closedEntries(cluster: Cluster): Promise<readonly string[]> {
  return (await entriesOf(cluster)).filter(({ failurePolicy }) => failurePolicy === 'Fail').map(({ name }) => name);
}
