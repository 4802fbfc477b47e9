// No replica runs. Writes in enforce fail closed with a message, everything else works, and nothing
// prevents Ringfence from returning or from being removed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { installedWebhooks } from './configure.ts';
import { fence, namespacesOf, outcome, send, writesInside, writesOfNamespaces } from './down-writes.ts';
import {
  applyManifests,
  eventually,
  type Installation,
  openInstallation,
  ownNamespace,
  type Replica,
} from './installation.ts';
import { inNamespace, namespace, networkPolicy, pod, workload } from './objects.ts';
import { commandsOf } from './page.ts';
import { repairWrites } from './repair-writes.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { isWall } from './wall-history.ts';

const modes = ['observe', 'warn', 'enforce'] as const;
const validating = 'validatingwebhookconfiguration ringfence';

describeWithSharedControlPlane('with every replica down', (controlPlane) => {
  let cluster: Cluster;
  let admin: Terminal;
  let installation: Installation;
  let balancer: Balancer;
  let replicas: readonly Replica[] = [];

  beforeAll(async () => {
    cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    admin = openTerminal(controlPlane(), 'admin');
    balancer = await startBalancer();
    // All namespaces are from before, because in a cluster that enforces every new one would carry
    // the mark.
    for (const { name, labels } of [...modes, 'ending'].flatMap(namespacesOf)) {
      const objects = [pod('web'), pod('other'), pod('third'), networkPolicy('own'), workload('Deployment', 'web')];
      await admin.run('apply -f -', namespace(name, labels), ...objects.map((object) => inNamespace(name, object)));
    }
    await admin.run('apply -f -', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
    await applyManifests(controlPlane(), 'observe');
    installation = await openInstallation(controlPlane());
  });
  afterAll(async () => {
    await installation.end();
    await balancer.close();
    await cluster.close();
  });

  describe.each(modes)('of a cluster that is to %s', (clusterMode) => {
    beforeAll(async () => {
      await applyManifests(controlPlane(), clusterMode);
      replicas = [await start(), await start()];
      await Promise.all(replicas.map((replica) => replica.untilReady()));
      await untilInstalled();
      const fenced = namespacesOf(clusterMode).filter(({ labels }) => Object.hasOwn(labels, fence));
      for (const { name } of fenced) await eventually(`the baseline of ${name}`, () => isWalled(name));
      await kill();
    });

    it.each([
      ['in namespaces', writesInside],
      ['of namespaces', writesOfNamespaces],
      ["of the cluster's own repair, and of Ringfence's", repairWrites],
    ] as const)('each write %s passes or fails as the mode says', async (_, writesOf) => {
      const expected: string[] = [];
      const outcomes: string[] = [];
      for (const write of writesOf(clusterMode)) {
        const fails = write.fails === 'always' || (write.fails === 'in enforce' && clusterMode === 'enforce');
        expected.push(`${write.title}: ${fails ? 'fails' : 'passes'}`);
        outcomes.push(`${write.title}: ${await outcome(send(cluster, write))}`);
      }
      expect(outcomes).toEqual(expected);
    });

    it('the Pods of Ringfence itself are made again', async () => {
      const path = `${namespacesPath}/${ownNamespace}/pods`;
      const pods = async () =>
        (await cluster.request<{ items: { metadata: { uid: string } }[] }>('GET', path)).items.map(
          ({ metadata }) => metadata.uid,
        );
      const before = await pods();
      await cluster.request('DELETE', path);
      await eventually('three others', async () => (await pods()).filter((uid) => !before.includes(uid)).length >= 3);
    });

    it('who writes reads whom to look for', async () => {
      const run = ['run', 'hello', '--image=hello', `--namespace=${clusterMode}-enforcing`];
      const { stderr } = await controlPlane().kubectl(run);
      expect(stderr).toMatch(
        /^Error from server \(InternalError\): Internal error occurred: failed calling webhook "pods\.ringfence\.dev": failed to call webhook: Post "https:[^"]+\/validate\/enforced\?timeout=5s": /,
      );
    });
  });

  describe('that begins again', () => {
    const damaged = ['enforce-enforcing', 'enforce-fenced'];

    beforeAll(async () => {
      // The worst case: no certificate, no walls, and entries that fail closed in force.
      const saved = await admin.get<{ metadata: object; webhooks: object }>(validating);
      await admin.run(`delete ${validating}`);
      await eventually('writes to pass', async () => (await outcome(createPod('enforce-enforcing'))) === 'passes');
      for (const name of damaged) await admin.run(`delete networkpolicies --all -n ${name}`);
      await admin.run(`delete secret ringfence-tls -n ${ownNamespace}`);
      const metadata = { name: 'ringfence', annotations: { 'ringfence.dev/config-version': '1' } };
      await admin.run('create -f -', { apiVersion, kind: 'ValidatingWebhookConfiguration', ...saved, metadata });
      await eventually('writes to fail', async () => (await outcome(createPod('enforce-enforcing'))) === 'fails');
    });

    it('a namespace without the mark can be deleted at once where it observes, one with the mark waits', async () => {
      await admin.run('delete namespace ending-observing');
      await admin.run('delete namespace ending-enforcing --wait=false');
      const ending = () => admin.get<{ status: object }>('namespace ending-enforcing');
      await eventually('the reason', async () => JSON.stringify((await ending()).status).includes('failed calling'));
    });

    it('makes its baselines true while its own entries fail closed', async () => {
      const url = await startApart();
      // The baseline of the last one was deleted during the outage, by the writes above.
      for (const name of [...damaged, 'enforce-watched'])
        await eventually(`the baseline of ${name}`, () => isWalled(name));
      // The API server cannot call it yet.
      expect(await outcome(createPod('enforce-enforcing'))).toBe('fails');
      balancer.add(url);
    });

    it('makes itself whole, and writes pass again', async () => {
      await Promise.all(replicas.map((replica) => replica.untilReady()));
      for (const name of damaged) expect(await outcome(createPod(name))).toBe('passes');
      const refused = cluster.request('POST', namespacesPath, { body: { metadata: { name: 'wrong' } }, query });
      await expect(refused).rejects.toThrow('3 labels keep it out');
      await eventually(
        'the namespace that waited to end',
        async () => (await controlPlane().kubectl(['get', 'namespace', 'ending-enforcing'])).exitCode !== 0,
        60_000,
      );
    });
  });

  describe('and the way out', () => {
    const commands = commandsOf('docs/way-out.md');
    const [wayOut, others] = [commands.filter(isDeletion), commands.filter((command) => command.startsWith('apply '))];

    it('has commands that can be typed while nobody answers', async () => {
      await kill();
      expect(await outcome(createPod('enforce-enforcing'))).toBe('fails');
      for (const command of commands.filter((one) => /\b(?:get|logs) /.test(one))) await admin.run(command);
      expect(wayOut).toHaveLength(2);
      for (const command of wayOut) await admin.run(command);
    });

    it('lets every write pass, and stays so when a replica comes back', async () => {
      const walls = ['enforce-enforcing', 'enforce-fenced'];
      const passes = async () => (await outcome(createPod('enforce-enforcing'))) === 'passes';
      await eventually('writes to pass', passes);
      replicas = [await start()];
      const [replica] = replicas;
      await eventually('it to be told that it may not', () =>
        replica?.log().find(({ msg, code }) => msg === 'webhooks could not be kept' && code === 403),
      );
      expect(await passes()).toBe(true);
      // Baselines stay in force and are maintained.
      for (const name of walls) expect(await isWalled(name)).toBe(true);
      await admin.run('delete networkpolicy deny-all-baseline -n enforce-enforcing');
      await eventually('the baseline', () => isWalled('enforce-enforcing'));
      await admin.run('create namespace unlabelled');
    });

    it('is undone by applying the overlay again', async () => {
      const again = others.filter((command) => command.endsWith('/enforce'));
      expect(again).toHaveLength(1);
      for (const command of again) await admin.run(command);
      await Promise.all(replicas.map((replica) => replica.untilReady()));
      const refused = () => cluster.request('POST', namespacesPath, { body: { metadata: { name: 'wrong' } }, query });
      await expect(refused()).rejects.toThrow('3 labels keep it out');
      await untilInstalled();
    });

    it('stops refusals by the other overlay, where Ringfence answers', async () => {
      const milder = others.filter((command) => command.endsWith('/observe'));
      expect(milder).toHaveLength(1);
      for (const command of milder) await admin.run(command);
      await untilInstalled();
      await admin.run('create namespace another');
      // A namespace whose own mode is enforce still refuses.
      await admin.refused('run wrong --image=wrong -n enforce-enforcing');
    });
  });

  it('it is uninstalled by kubectl alone, while nobody answers', async () => {
    await kill();
    const rest = commandsOf('docs/uninstall.md').filter((command) => !command.includes('NAMESPACE'));
    expect(rest.length).toBeGreaterThan(1);
    for (const command of [...commandsOf('docs/way-out.md').filter(isDeletion), ...rest])
      await controlPlane().kubectl(command.split(' '), { timeoutMs: 110_000 });
    const kinds =
      'namespaces,clusterroles,clusterrolebindings,validatingwebhookconfigurations,mutatingwebhookconfigurations';
    expect(await admin.run(`get ${kinds} --show-labels`)).not.toContain('ringfence');
    expect(await isWalled('enforce-enforcing')).toBe(true);
  });

  async function start(): Promise<Replica> {
    const replica = await installation.start({ webhookUrl: balancer.url, arguments: ['--config-seconds', '0.5'] });
    balancer.add(replica.url);
    return replica;
  }

  /** Starts a replica that nobody can reach, and resolves to its address. */
  async function startApart(): Promise<string> {
    const replica = await start();
    balancer.remove(replica.url);
    replicas = [replica];
    return replica.url;
  }

  async function kill(): Promise<void> {
    for (const { process, url } of replicas) {
      process.signal('SIGKILL');
      await process.ended;
      balancer.remove(url);
    }
  }

  async function untilInstalled(): Promise<void> {
    await eventually('the webhooks of the configuration', async () => {
      const { version } = await installedWebhooks(controlPlane(), 'validating');
      return version === (await admin.get(`configmap ringfence -n ${ownNamespace}`)).metadata.resourceVersion;
    });
  }

  function createPod(name: string): Promise<unknown> {
    return cluster.request('POST', `${namespacesPath}/${name}/pods`, { body: inNamespace(name, pod('probe')), query });
  }

  async function isWalled(name: string): Promise<boolean> {
    const path = `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies/deny-all-baseline`;
    const found = cluster.request<Parameters<typeof isWall>[0]>('GET', path);
    return found.then(isWall, () => false);
  }
});

const isDeletion = (command: string): boolean => command.startsWith('delete ');
const apiVersion = 'admissionregistration.k8s.io/v1';
/** The request is judged but not stored. */
const query = { dryRun: 'All' };
