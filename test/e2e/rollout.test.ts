// A rollout from end to end by docs/rollout.md, on a cluster in use. No right write is blocked, and
// afterwards nothing of Ringfence is left.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { startBalancer } from './balancer.ts';
import { runCommand } from './command.ts';
import { installedWebhooks } from './configure.ts';
import { eventually, type Installation, openInstallation, ownNamespace, type Replica } from './installation.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';
import { foundObjects, planHomes } from './lived-in.ts';
import { type Motion, startMotion } from './motion.ts';
import { developerRole } from './objects.ts';
import { correct } from './operator.ts';
import { countByPhase, type Phase, type PhaseCount } from './phases.ts';
import { isFullRun, tell } from './scale.ts';
import { openTerminal, type StoredObject, type Terminal } from './terminal.ts';
import { decisionsOf, failedCalls } from './traffic.ts';

const homes = isFullRun ? planHomes(40, 8) : planHomes(9, 4);
const everyMs = 100;
const workloads = homes.flatMap((home) => home.workloads);
/** Long enough to roll and scale each workload. */
const stayMs = (isFullRun ? 4 : 2) * everyMs * workloads.length;
const options = {
  auditLog: true,
  users: [
    { name: 'keeper', groups: ['platform'] },
    { name: 'dev', groups: ['developers'] },
  ],
};

describeWithControlPlane('a rollout', options, (controlPlane) => {
  let cluster: Cluster;
  let admin: Terminal;
  let keeper: Terminal;
  let dev: Terminal;
  let kubelet: Kubelet;
  let motion: Motion;
  let installation: Installation;
  let replicas: readonly Replica[] = [];
  const phases: Phase[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  const guide = readFileSync('docs/rollout.md', 'utf8');

  beforeAll(async () => {
    cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    ends.push(() => cluster.close());
    admin = openTerminal(controlPlane(), 'admin');
    keeper = openTerminal(controlPlane(), 'keeper');
    dev = openTerminal(controlPlane(), 'dev');
    await admin.run('apply -f -', ...homes.flatMap(foundObjects), ...developerRole);
    kubelet = await startKubelet(cluster);
    ends.push(() => kubelet.stop());
    const total = workloads.reduce((sum, { replicas: pods }) => sum + pods, 0);
    await eventually('the cluster to be at work', () => kubelet.started() >= total, 60_000 + total * 200);
    motion = startMotion(cluster, homes, everyMs);
    ends.push(() => motion.stop());
    tell(`rollout: ${homes.length} namespaces, ${total} Pods at rest, one change each ${everyMs} ms`);
  }, 300_000);
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  });

  step('before', async () => {
    await delay(stayMs);
  });

  step('observe: installed, and felt by nobody', async () => {
    await typed(admin, 'apply -k manifests/roles');
    await typed(admin, 'apply -f manifests/roles/examples/keepers.yaml');
    await typed(admin, 'apply -k manifests/overlays/observe');
    const balancer = await startBalancer();
    ends.push(() => balancer.close());
    installation = await openInstallation(controlPlane());
    ends.push(() => installation.end());
    replicas = [await start(balancer.url), await start(balancer.url)];
    for (const { url } of replicas) balancer.add(url);
    await Promise.all(replicas.map((replica) => replica.untilReady()));
    await delay(stayMs);
    const asked = await eventually('reviews', () => {
      const found = replicas.flatMap(decisionsOf);
      return found.length > homes.length && found;
    });
    expect(new Set(asked.map(({ decision }) => decision))).toEqual(new Set(['allowed']));
  });

  step('observe: put right, as the audit lines say', async () => {
    await typed(admin, 'get namespaces -L env,tier,team');
    for (const { name, shape, identity } of homes) {
      if (shape === 'clean') continue;
      const labels = Object.entries(identity).map(([key, value]) => `${key}=${value}`);
      await keeper.run(`label namespace ${name} ${labels.join(' ')} --overwrite`);
    }
    // This changes nothing. It asks what would be refused there.
    const question = 'label namespace unlabelled-1 ringfence.dev/mode=enforce --dry-run=server';
    const answer = await typed(keeper, question);
    expect(answer).toContain('Warning: Namespace unlabelled-1: 1 deployments here would be refused if made now');
    const mended = await correct(cluster, homes, () => replicas.flatMap(decisionsOf), isReady);
    tell(`${mended} templates mended`);
    expect(mended).toBeGreaterThan(0);
    // The question now has another answer.
    expect(await typed(keeper, question)).not.toContain('deployments');
  });

  step('warn: who does wrong reads it, who does right does not', async () => {
    await typed(admin, 'apply -k manifests/overlays/warn');
    await untilInstalled();
    const printed = await dev.run('create deployment hello --image=registry.example/hello --replicas=0 -n shop');
    expect(printed).toContain('Warning: Deployment shop/hello:');
    await dev.run('delete deployment hello -n shop');
    await delay(stayMs);
  });

  step('one namespace is fenced, and enforces', async () => {
    await fence('shop');
    await typed(keeper, 'label namespace shop ringfence.dev/mode=enforce');
    await dev.refused('create deployment hello --image=registry.example/hello -n shop');
    await dev.run('create deployment hello --image=registry.example/hello --replicas=0 -n unlabelled-1');
    await dev.run('delete deployment hello -n unlabelled-1');
    await delay(stayMs);
  });

  step('enforce: everywhere, and the others fenced one by one', async () => {
    await typed(admin, 'apply -k manifests/overlays/enforce');
    await untilInstalled();
    await dev.refused('create namespace scratch');
    for (const { name } of homes.slice(1)) await fence(name);
    await delay(stayMs);
  });

  step('uninstalled', async () => {
    const before = await baselines();
    expect(before).toHaveLength(homes.length);
    // A namespace ends when its controller gets to it.
    const { code, stdout } = await runCommand(controlPlane(), 'admin', 'uninstall --yes --timeout 300');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    // In a cluster, the Pods would have ended with the namespace.
    for (const { process } of replicas) process.signal('SIGTERM');
    await Promise.all(replicas.map(({ process }) => process.ended));
    await delay(stayMs);
    await motion.stop();
    expect(await leftovers()).toEqual([]);
    // Removing walls is never a side effect.
    expect(await baselines()).toEqual(before);
  });

  it('held up nobody who does right', async () => {
    expect(motion.failures()).toEqual([]);
    expect(motion.doubts().length).toBeLessThan(motion.made() / 10);
    expect(motion.made()).toBeGreaterThan(workloads.length * 7);
    tell(
      `changes of people: ${motion.made()}, 0 failed, ${motion.doubts().length} in doubt; Pods run: ${kubelet.started()}`,
    );
    const events = await controlPlane().auditEvents();
    const clean = new Set(homes.filter(({ shape }) => shape === 'clean').map(({ name }) => name));
    const counted = countByPhase(phases, events, (name) => clean.has(name));
    const others = countByPhase(phases, events, (name) => homes.some((home) => home.name === name) && !clean.has(name));
    tell('phase | seconds | writes of controllers in clean namespaces, failed, in doubt | the same in the others');
    const figures = (one?: PhaseCount) => `${one?.writes}, ${one?.failures.length}, ${one?.doubts.length}`;
    for (const [index, phase] of counted.entries()) {
      const seconds = ((phase.to - phase.from) / 1000).toFixed(0);
      tell(`  ${phase.title} | ${seconds} | ${figures(phase)} | ${figures(others[index])}`);
    }
    for (const { title, writes, failures } of counted) {
      expect(failures, title).toEqual([]);
      expect(writes, title).toBeGreaterThan(0);
    }
    // The other workloads were correct before anything was refused.
    expect(others.flatMap(({ failures }) => failures)).toEqual([]);
    expect(await failedCalls(controlPlane())).toEqual([]);
  });

  /** One timed phase of the rollout. */
  function step(title: string, act: () => Promise<void>): void {
    it(title, { timeout: 900_000 }, async () => {
      const from = Date.now();
      try {
        await act();
      } finally {
        phases.push({ title, from, to: Date.now() });
      }
    });
  }

  /** Runs a command of the guide. */
  async function typed(terminal: Terminal, command: string): Promise<string> {
    expect(guide).toContain(`kubectl ${command}\n`);
    return `$ kubectl ${command}\n${await terminal.run(command)}`;
  }

  /** Whether no live template would be refused, and no rollout still runs an earlier one. */
  async function isReady(): Promise<boolean> {
    expect(guide).toContain('ringfence readiness\n');
    const { code, stdout, stderr } = await runCommand(controlPlane(), 'admin', 'readiness');
    expect({ code, stdout, stderr }).toMatchObject({ code: expect.toBeOneOf([0, 1]), stderr: '' });
    return code === 0;
  }

  function start(webhookUrl: string): Promise<Replica> {
    return installation.start({ webhookUrl, arguments: ['--config-seconds', '0.5'] });
  }

  async function untilInstalled(): Promise<void> {
    const { resourceVersion } = (await admin.get(`configmap ringfence -n ${ownNamespace}`)).metadata;
    for (const kind of ['mutating', 'validating'] as const)
      await eventually('it', async () => (await installedWebhooks(controlPlane(), kind)).version === resourceVersion);
  }

  async function fence(name: string): Promise<void> {
    const isTried = name === 'shop';
    const commands = isTried ? [`fence ${name} --trial 15m`, `fence ${name} --confirm`] : [`fence ${name}`];
    if (isTried) for (const command of commands) expect(guide).toContain(`ringfence ${command}\n`);
    for (const command of commands) {
      const options = command.includes('--trial') ? ' --no-watch --yes' : ' --yes';
      const { code, stdout, stderr } = await runCommand(controlPlane(), 'keeper', `${command}${options}`);
      expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
    }
    expect((await baselines()).some((baseline) => baseline.startsWith(`${name} `))).toBe(true);
  }

  /** Returns `NAMESPACE UID` of each wall. */
  async function baselines(): Promise<readonly string[]> {
    const path = '/apis/networking.k8s.io/v1/networkpolicies?fieldSelector=metadata.name=deny-all-baseline';
    const { items } = await cluster.request<{ items: StoredObject[] }>('GET', path);
    return items.map(({ metadata }) => `${(metadata as { namespace?: string }).namespace} ${metadata.uid}`);
  }

  /** Returns everything of Ringfence in the cluster, except baselines. */
  async function leftovers(): Promise<readonly string[]> {
    const kinds = 'clusterroles,clusterrolebindings,validatingwebhookconfigurations,mutatingwebhookconfigurations';
    const named = (await admin.run(`get ${kinds} -o name`)).split('\n').filter((name) => name.includes('ringfence'));
    const labelled = (await admin.run('get namespaces --show-labels'))
      .split('\n')
      .filter((line) => line.includes('ringfence'));
    const secrets = (await admin.run('get secrets,serviceaccounts,configmaps -A -o name')).split('\n');
    return [...named, ...labelled, ...secrets.filter((name) => name.includes('ringfence'))];
  }
});
