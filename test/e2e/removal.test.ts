// Whatever removes an installation leaves no webhook behind: kubectl, kustomize, Helm 3, and the
// engine of Argo CD, each in a namespace of another name.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { describeWithTools } from '../go-tools/vitest.ts';
import { readYaml } from '../pipelines/workspace.ts';
import { chart, runAsPerson, startIn, untilWebhooksAreGone } from './chart.ts';
import { startGitops } from './gitops.ts';
import { eventually } from './installation.ts';
import { inNamespace, namespace, pod } from './objects.ts';
import { remainsOf } from './remains.ts';
import { openTerminal, type Terminal } from './terminal.ts';

interface Place {
  readonly controlPlane: ControlPlane;
  readonly admin: Terminal;
  readonly home: string;
}

interface Application {
  readonly spec: { readonly source: { readonly helm: { readonly valuesObject: object } } };
}

/**
 * A way to install in enforce. It resolves to the way back, which leaves the namespace, or takes it
 * along.
 */
type Install = (place: Place) => Promise<() => Promise<unknown>>;

await describeWithTools(['helm', 'helm3', 'gitops'], 'an installation', ([helm = '', helm3 = '', agent = '']) => {
  const render = async ({ controlPlane, home }: Place, ...values: readonly string[]): Promise<string> => {
    const args = ['template', 'wall', chart, '--namespace', home, '--set', 'config.mode=enforce', ...values];
    return (await runAsPerson(controlPlane, helm, args)).stdout;
  };

  const ways: readonly (readonly [way: string, install: Install])[] = [
    [
      'kubectl',
      async (place) => {
        const manifests = join(place.controlPlane.folder, `${place.home}.yaml`);
        await writeFile(manifests, await render(place, '--skip-tests', '--set', 'namespace.create=true'));
        await place.admin.run(`apply -f ${manifests}`);
        return () => place.admin.run(`delete -f ${manifests} --wait=false`);
      },
    ],
    [
      'kustomize',
      async ({ admin, home }) => {
        const folder = await mkdtemp(join(tmpdir(), 'ringfence-kustomize-'));
        onTestFinished(() => rm(folder, { recursive: true }));
        const resources = [relative(folder, 'manifests/overlays/enforce')];
        await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify({ namespace: home, resources }));
        await admin.run(`apply -k ${folder}`);
        return () => admin.run(`delete -k ${folder} --wait=false`);
      },
    ],
    [
      'Helm 3',
      async ({ controlPlane, home }) => {
        const run = (...args: string[]) => runAsPerson(controlPlane, helm3, [...args, '--namespace', home]);
        await run('install', 'wall', chart, '--create-namespace', '--set', 'config.mode=enforce');
        await run('upgrade', 'wall', chart, '--reset-then-reuse-values', '--set', 'replicas=2');
        await run('rollback', 'wall');
        return () => run('uninstall', 'wall');
      },
    ],
    [
      'the engine of Argo CD',
      async (place) => {
        // Argo CD makes the namespace by `managedNamespaceMetadata`, and prunes it never.
        await place.admin.run('apply -f -', namespace(place.home));
        const gitops = await startGitops(place.controlPlane, agent, place.home);
        onTestFinished(() => gitops.stop());
        const values = join(place.controlPlane.folder, 'argocd-values.json');
        const { source } = readYaml<Application>('examples/pipelines/argocd/ringfence.yaml').spec;
        await writeFile(values, JSON.stringify(source.helm.valuesObject));
        const synced = await gitops.sync(await render(place, '--values', values));
        expect(synced.length).toBeGreaterThan(12);
        return async () => {
          const pruned = await gitops.sync('');
          expect(pruned.map((line) => line.trim().split(/\s{2,}/)[1])).toEqual(synced.map(() => 'pruned'));
        };
      },
    ],
  ];

  describeWithSharedControlPlane('on a control plane', (controlPlane) => {
    it.each(ways)('removed by %s leaves nothing', async (way, install) => {
      const admin = openTerminal(controlPlane(), 'admin');
      const home = way.toLowerCase().replaceAll(' ', '-');
      const remove = await install({ controlPlane: controlPlane(), admin, home });
      const { installation } = await startIn(controlPlane(), home);
      await admin.refused('create namespace unlabelled');
      await remove();
      await untilWebhooksAreGone(controlPlane());
      await installation.end();
      const after = `after-${home}`;
      await admin.run(`create namespace ${after}`);
      await admin.run('apply -f -', inNamespace(after, pod('unlabelled', {})));
      await admin.run(`delete namespace ${after} ${home} --ignore-not-found --wait=false`);
      const remains = async () => (await remainsOf(controlPlane())).filter((one) => one !== `Namespace ${home}`);
      await eventually('everything in it to be gone', async () => (await remains()).length === 0);
    });

    // A namespace ends five seconds after its deletion. The last way takes longer.
    it('leaves no namespace either', async () => {
      await eventually('everything to be gone', async () => (await remainsOf(controlPlane())).length === 0);
    });
  });
});
