// The mode changes again and again under load, with two replicas of which one learns of it much
// later. The last change holds, and no answer is wrong.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';
import { readResourceVersion } from '../../src/kubernetes/resource-version.ts';
import { fenceMark, type Mode } from '../../src/policy/mode.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { startApiProxy } from './api-proxy.ts';
import { applyConfiguration } from './configure.ts';
import { prepareCrossing } from './crossing.ts';
import { audit } from './flip-ledger.ts';
import { homes, startFlipLoad } from './flip-load.ts';
import { eventually, install, ownNamespace, type Replica } from './installation.ts';
import { namespace, namespaceLabels } from './objects.ts';
import { isFullRun, tell } from './scale.ts';
import { openTerminal } from './terminal.ts';
import { ownUser } from './traffic.ts';

const flips = isFullRun ? 50 : 30;
const lagMs = isFullRun ? 60_000 : 4_000;
const restMs = isFullRun ? 60_000 : 5_000;
/**
 * Some pauses are shorter than the interval of a replica's checks, and some are long enough to
 * finish a change.
 */
const pausesMs = [3500, 250, 900, 250, 2000, 250].map((ms) => (isFullRun ? 2 * ms : ms));
const modes: readonly Mode[] = ['observe', 'enforce', 'warn', 'enforce', 'observe', 'warn', 'enforce'];

const configMap = `${namespacesPath}/${ownNamespace}/configmaps/ringfence`;
const webhooks = '/apis/admissionregistration.k8s.io/v1';
const kinds = ['validating', 'mutating'] as const;
describeWithSharedControlPlane('a mode flipped by two replicas that hear of it far apart', (controlPlane) => {
  it('is the last one in the end, and every answer on the way is right', { timeout: 900_000 }, async () => {
    const cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    onTestFinished(() => cluster.close());
    const replicas = await startApart(controlPlane(), cluster);
    const installed = await watchInstalled(cluster);
    onTestFinished(() => installed.stop());

    const versions = new Map<string, Mode>([[await currentVersion(cluster), 'observe']]);
    const load = startFlipLoad(cluster);
    onTestFinished(() => load.stop());
    let last = '';
    for (let flip = 1; flip <= flips; flip += 1) {
      const mode = flip === flips ? 'enforce' : (modes[flip % modes.length] ?? 'observe');
      // The number makes each text, and so each version, different.
      last = await applyConfiguration(controlPlane(), `mode: ${mode}\n# ${flip}\n`);
      versions.set(last, mode);
      await delay(pausesMs[flip % pausesMs.length]);
    }
    await eventually('both to have heard the last word', () => replicas.every(hasHeard(last)), lagMs + 30_000);
    await eventually('it to be installed', () => kinds.every((kind) => installed.versions[kind].at(-1) === last));
    // By now every write of that time has its answer.
    await delay(1_000);
    const settledAt = Date.now();
    const before = await countWritesOfInstalled();
    await delay(restMs);
    expect(await countWritesOfInstalled(), 'writes of the webhook configurations at rest').toBe(before);
    await load.stop();

    const { decisions, disputed, doubtful, ...faults } = audit(load.writes, replicas, versions);
    tell(
      `${flips} flips, heard ${lagMs / 1000} s apart: ${load.writes.length} writes, ${disputed} of them while the two ` +
        `replicas held different modes; ${faults.hindered.length} right ones refused, ${faults.wrong.length} wrong answers, ${doubtful} in doubt; ` +
        `decisions ${JSON.stringify(decisions)}; installed ${installed.versions.validating.length} and ` +
        `${installed.versions.mutating.length} versions, ${before} writes`,
    );
    expect(faults).toEqual({ unjudged: [], wrong: [], hindered: [], relapses: [] });
    // Each of these cases has really occurred.
    for (const of of decisions) expect(Math.min(...Object.values(of))).toBeGreaterThan(10);
    expect(disputed).toBeGreaterThan(100);
    expect(doubtful).toBeLessThan(load.writes.length / 20);

    for (const kind of kinds) {
      const seen = installed.versions[kind].map((version) => readResourceVersion(version) ?? 0n);
      expect(seen, `${kind}: each version once, none after a newer one`).toEqual(sorted([...new Set(seen)]));
    }
    const late = load.writes.filter(({ sentAt, place }) => sentAt > settledAt && place === 'cluster');
    expect(late.filter(({ isRight }) => !isRight).length).toBeGreaterThan(10);
    expect(late.filter(({ isRight, refusal }) => isRight !== (refusal === undefined))).toEqual([]);
    const { items } = await cluster.request<{ items: RawObject[] }>('GET', namespacesPath);
    const made = new Set(late.filter(({ resource }) => resource === 'namespaces').map(({ name }) => name));
    const unmarked = items.filter(
      ({ metadata }) => made.has(metadata.name ?? '') && !(fenceMark in (metadata.labels ?? {})),
    );
    expect(unmarked.map(({ metadata }) => metadata.name)).toEqual([]);
  });

  async function countWritesOfInstalled(): Promise<number> {
    const events = await controlPlane().auditEvents();
    return events.filter(
      ({ user, verb, objectRef }) =>
        user.username === ownUser &&
        !['get', 'list', 'watch'].includes(verb) &&
        objectRef?.apiGroup === 'admissionregistration.k8s.io',
    ).length;
  }
});

/**
 * Starts two replicas. The second one learns of configurations late, and the two phases of an
 * admission go to different replicas.
 */
async function startApart(controlPlane: ControlPlane, cluster: Cluster): Promise<readonly Replica[]> {
  const installation = await install(controlPlane, 'observe');
  onTestFinished(() => installation.end());
  const proxy = await startApiProxy(controlPlane);
  onTestFinished(() => proxy.close());
  // The followed configuration arrives late. The read of a single version returns the truth, as any
  // GET does.
  proxy.setDelay(({ path, accept }) => (path === configMap && !accept.includes('Partial') ? lagMs : undefined));
  const late = proxy.kubeconfigFrom(await controlPlane.kubeconfigForServiceAccount(ownNamespace, 'ringfence'));
  const crossing = await prepareCrossing(cluster);
  onTestFinished(() => crossing.close());
  const quick = ['--config-seconds', '0.5'];
  const [one, other] = await Promise.all([
    installation.start({ webhookUrl: crossing.url, arguments: quick }),
    installation.start({ webhookUrl: crossing.url, arguments: [...quick, '--kubeconfig', late] }),
  ]);
  await crossing.open([one.url, other.url]);
  await Promise.all([one.untilReady(), other.untilReady()]);
  const admin = openTerminal(controlPlane, 'admin');
  for (const [place, name] of Object.entries(homes)) {
    const mode = place === 'cluster' ? {} : { 'ringfence.dev/mode': place };
    await admin.run('apply -f -', namespace(name, { ...namespaceLabels, ...mode }));
  }
  return [one, other];
}

function hasHeard(version: string): (replica: Replica) => boolean {
  return (replica) => replica.log().some((line) => line.msg === 'configured' && line['version'] === version);
}

async function currentVersion(cluster: Cluster): Promise<string> {
  return (await cluster.request<RawObject>('GET', configMap)).metadata.resourceVersion ?? '';
}

/**
 * Records the versions that each webhook configuration has named, in the order of the API server's
 * events.
 */
async function watchInstalled(cluster: Cluster) {
  const versions: Record<(typeof kinds)[number], string[]> = { validating: [], mutating: [] };
  const stopped = new AbortController();
  for (const kind of kinds) {
    const opened = Promise.withResolvers<void>();
    const query = { fieldSelector: 'metadata.name=ringfence', timeoutSeconds: 3_600 };
    const path = `${webhooks}/${kind}webhookconfigurations`;
    const onEvent = (_: string, object: unknown) => {
      const { annotations } = (object as RawObject).metadata;
      versions[kind].push(annotations?.['ringfence.dev/config-version'] ?? 'none');
    };
    const { signal } = stopped;
    cluster.watch({ path, query, silenceMs: 3_600_000, signal, onOpen: opened.resolve, onEvent }).catch(opened.reject);
    await opened.promise;
  }
  return { versions, stop: () => stopped.abort() };
}

function sorted(versions: readonly bigint[]): bigint[] {
  return [...versions].sort((one, other) => (one < other ? -1 : 1));
}
