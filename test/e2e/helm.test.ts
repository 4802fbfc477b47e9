// The chart on a real control plane, in a namespace of another name: installed, tried by its own
// test, upgraded, rolled back and removed by Helm. No kubelet runs here: processes outside the
// cluster play the Pods.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { serveCommand } from '../../src/commands/serve.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { setScene } from '../drills/scene.ts';
import { describeWithTool } from '../go-tools/vitest.ts';
import { chart, runAsPerson, untilWebhooksAreGone } from './chart.ts';
import { playDeployment } from './deployment.ts';
import { eventually, openInstallation } from './installation.ts';
import { inNamespace, type Manifest, namespace, pod } from './objects.ts';
import { remainsOf } from './remains.ts';
import { tell } from './scale.ts';
import { openTerminal, type StoredObject } from './terminal.ts';

const execute = promisify(execFile);
const owner = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'ringfence-webhooks' };
const home = 'fence-home';
/** The default of `serve`, which the Deployment does not change. */
const drainSeconds = Number(
  serveCommand(readEnvironment({}), '0').options.find(({ long }) => long === '--drain-seconds')?.defaultValue,
);

await describeWithTool('helm', 'the chart', (file) => {
  describeWithSharedControlPlane('on a control plane', (controlPlane) => {
    const admin = () => openTerminal(controlPlane(), 'admin');
    const helm = (...args: string[]) => runAsPerson(controlPlane(), file, args);

    it('is installed, enforces, passes its own test, changes its release while everybody writes, and is removed', async () => {
      const set = ['--namespace', home, '--set', 'config.mode=enforce,replicas=2,extraArgs={--config-seconds=0.5}'];
      const folder = await mkdtemp(join(tmpdir(), 'ringfence-chart-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      // The same chart under an earlier version: there is no earlier release yet.
      await helm('package', chart, '--version', '0.0.9', '--app-version', '0.0.9', '--destination', folder);
      await helm('install', 'wall', join(folder, 'ringfence-0.0.9.tgz'), '--create-namespace', ...set);
      const rendered = await helm('template', 'wall', chart, ...set);
      const ownTest = await openOwnTest(rendered, controlPlane(), home);
      expect(await ownTest()).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('FAIL  the API server reaches') as string,
      });

      const installation = await openInstallation(controlPlane(), home);
      const scene = await setScene(controlPlane(), { installation });
      const deployment = await playDeployment(controlPlane(), scene, home, drainSeconds);
      await Promise.all(deployment.replicas().map((replica) => replica.untilReady()));
      for (const what of [
        'validatingwebhookconfiguration ringfence',
        'mutatingwebhookconfiguration ringfence',
        `secret ringfence-tls -n ${home}`,
      ]) {
        const { metadata } = await admin().get<StoredObject>(what);
        expect(metadata.ownerReferences, what).toEqual([expect.objectContaining(owner)]);
      }
      await admin().refused('create namespace shop');
      await admin().run('apply -f -', namespace('shop'));
      await eventually('the baseline', async () =>
        (await admin().run('get networkpolicies -n shop')).includes('deny-all'),
      );
      expect(await ownTest()).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('ok    and it is fenced') as string,
      });

      // Pods and namespaces are made while another version of the chart, with another template of
      // the Pods, replaces every replica, and while the rollback replaces them again.
      const upgrade = ['upgrade', 'wall', chart, '--namespace', home, '--reset-then-reuse-values'];
      const traffic = await scene.traffic({ prefix: 'roll' });
      await helm(...upgrade, '--set', 'extraArgs={--config-seconds=0.5,--log-level=debug}');
      expect(await deployment.follow()).toBe(true);
      await helm('rollback', 'wall', '--namespace', home);
      expect(await deployment.follow()).toBe(true);
      const ends = await deployment.retirements();
      await traffic.stop();
      const wrongs = await scene.wrongs(traffic);
      expect({ failed: traffic.failures(), wrongs }).toEqual({ failed: [], wrongs: [] });
      tell(
        `chart: ${traffic.written()} right writes, ${traffic.entered().length} Pods, ${ends.length} replicas replaced`,
      );
      expect(traffic.entered().length).toBeGreaterThan(100);
      expect(traffic.misdeeds()).toBeGreaterThan(50);
      expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      for (const { seconds } of ends) {
        expect(seconds).toBeGreaterThan(drainSeconds);
        expect(seconds).toBeLessThan(deployment.graceSeconds());
      }

      // Another mode restarts no Pod.
      const stop = new AbortController();
      const { metadata, spec } = pod('web') as unknown as { metadata: object; spec: object };
      const writes = { good: 0, failed: [] as unknown[] };
      const writing = (async () => {
        const body = { metadata, spec };
        while (!stop.signal.aborted)
          await scene.cluster.request('POST', '/api/v1/namespaces/shop/pods?dryRun=All', { body }).then(
            () => (writes.good += 1),
            (error: unknown) => writes.failed.push(error),
          );
      })();
      const configured = (mode: string) =>
        eventually(mode, () =>
          deployment
            .replicas()
            .every((replica) => replica.log().findLast(({ msg }) => msg === 'configured')?.['mode'] === mode),
        );
      await helm(
        'upgrade',
        'wall',
        join(folder, 'ringfence-0.0.9.tgz'),
        ...upgrade.slice(3),
        '--set',
        'config.mode=warn',
      );
      expect(await deployment.follow()).toBe(false);
      await configured('warn');
      await helm('rollback', 'wall', '--namespace', home);
      await configured('enforce');
      stop.abort();
      await writing;
      expect(writes.failed).toEqual([]);
      expect(writes.good).toBeGreaterThan(20);
      expect((await helm('history', 'wall', '--namespace', home)).stdout).toMatch(/(superseded.*){4}deployed/s);

      await admin().run('delete -f -', ...ownTestObjects(rendered));
      await helm('uninstall', 'wall', '--namespace', home);
      await untilWebhooksAreGone(controlPlane());
      // The processes still run, as replicas do that drain.
      await admin().run('apply -f -', inNamespace('shop', pod('unlabelled', {})));
      const remains = async () =>
        new Set((await remainsOf(controlPlane())).filter((one) => !one.startsWith('Namespace roll-')));
      await eventually(
        'the Secret to be gone',
        async () => ![...(await remains())].some((one) => one.startsWith('Secret')),
      );
      expect(await remains()).toEqual(
        new Set(['Namespace shop', 'NetworkPolicy deny-all-baseline', 'NetworkPolicy allow-dns-egress']),
      );
    });
  });
});

interface Rendered extends Manifest {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

/** The objects that `helm test` makes, without the Pod, which no kubelet runs here. */
function ownTestObjects({ stdout }: { readonly stdout: string }): readonly Rendered[] {
  return hooksOf(stdout).filter(({ kind }) => kind !== 'Pod');
}

function hooksOf(stream: string): readonly Rendered[] {
  return parseAllDocuments(stream)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object?.metadata.annotations?.['helm.sh/hook'] === 'test')
    .filter((object) => object !== null);
}

/** Makes what the test of the chart needs, and returns a function that runs its command. */
async function openOwnTest(rendered: { readonly stdout: string }, controlPlane: ControlPlane, home: string) {
  const items = ownTestObjects(rendered);
  await openTerminal(controlPlane, 'admin').run('apply -f -', ...items);
  const { spec } = hooksOf(rendered.stdout).find(({ kind }) => kind === 'Pod') as unknown as {
    readonly spec: {
      readonly serviceAccountName: string;
      readonly containers: readonly [
        { command: string[]; args: string[]; env: readonly { name: string; value: string }[] },
      ];
    };
  };
  const [{ command, args, env }] = spec.containers;
  const token = await controlPlane.kubectl(['create', 'token', spec.serviceAccountName, '-n', home]);
  const tokenFile = join(controlPlane.folder, 'test-token');
  await writeFile(tokenFile, token.stdout);
  return async () => {
    const variables = {
      ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
      API_SERVER: controlPlane.url,
      NODE_EXTRA_CA_CERTS: controlPlane.caFile,
      TOKEN_FILE: tokenFile,
    };
    const ran = execute(process.execPath, [...command.slice(1), ...args], { env: variables });
    return ran.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  };
}
