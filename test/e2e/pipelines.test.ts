// The examples of pipelines on a cluster that enforces: Helm, kustomize and Argo CD's namespace.
import { dirname, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { describeWithTool } from '../go-tools/vitest.ts';
import { makeWorkspace, readYaml } from '../pipelines/workspace.ts';
import { type Installation, install } from './installation.ts';
import { namespace } from './objects.ts';
import { openTerminal, type StoredObject, type Terminal } from './terminal.ts';

await describeWithTool('helm', 'with Helm', (helm) => {
  describeWithSharedControlPlane('the examples of pipelines', (controlPlane) => {
    let installation: Installation;
    let admin: Terminal;

    beforeAll(async () => {
      installation = await install(controlPlane(), 'enforce');
      const replica = await installation.start();
      await replica.untilReady();
      admin = openTerminal(controlPlane(), 'admin');
    });
    afterAll(() => installation.end());

    const tools = () => ({
      variables: { KUBECONFIG: controlPlane().adminKubeconfig },
      path: [dirname(helm), dirname(controlPlane().kubectlPath)],
    });

    it('Helm installs a chart into a namespace that has its labels, and makes none itself', async () => {
      const { bash } = makeWorkspace('helm', '.');
      const alone = await bash('helm install shop shop --namespace shop --create-namespace', tools());
      expect([alone.status, alone.stderr]).toEqual([
        1,
        expect.stringMatching(/denied the request: [\s\S]*Namespace shop/),
      ]);
      expect(await bash('./install.sh', tools())).toMatchObject({ status: 0 });
      const { spec } = await admin.get<StoredObject>('deployment shop-api -n shop');
      expect(spec['template']).toMatchObject({ metadata: { labels: { env: 'prod', tier: 'api', team: 'shop' } } });
    });

    it('kustomize writes the labels that admission asks for', async () => {
      await admin.run(`apply -k ${resolve('examples/pipelines/kustomize')}`);
      const { spec } = await admin.get<StoredObject>('deployment api -n shop');
      expect(spec['selector']).toEqual({ matchLabels: { app: 'api' } });
    });

    it('the namespace of Argo CD and what it syncs are accepted in the order of the waves', async () => {
      interface Application {
        readonly spec: {
          readonly syncPolicy: { readonly managedNamespaceMetadata: { readonly labels: Record<string, string> } };
        };
      }
      const { labels } = readYaml<Application>('examples/pipelines/argocd/application.yaml').spec.syncPolicy
        .managedNamespaceMetadata;
      await admin.run('apply -f -', namespace('shop', labels));
      for (const name of ['network-policies', 'api'])
        await admin.run(
          `apply --server-side --force-conflicts -f ${resolve(`examples/pipelines/argocd/shop/${name}.yaml`)}`,
        );
    });
  });
});
