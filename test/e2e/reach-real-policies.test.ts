// reach and assert of a live cluster that serves the kinds of Cilium and of network-policy-api with
// the schemas of their projects.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runDesk as run } from '../commands/run.ts';
import { describeWithSources } from '../control-plane/go-source.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { podOf } from './doctor-objects.ts';
import { untilServed } from './foreign-kinds.ts';
import { namespace } from './objects.ts';
import { openApi } from './raw-api.ts';
import { kindOf, readDefinitions, realKindSources } from './real-kinds.ts';
import { openTerminal } from './terminal.ts';

const cilium = 'cilium.io/v2';
const app = (name: string) => ({ matchLabels: { app: name } });
const objects = [
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'wall', namespace: 'shop' },
    spec: { podSelector: {} },
  },
  {
    apiVersion: cilium,
    kind: 'CiliumNetworkPolicy',
    metadata: { name: 'to-db', namespace: 'shop' },
    spec: { endpointSelector: app('db'), ingress: [{ fromEndpoints: [app('web')] }] },
  },
  {
    apiVersion: cilium,
    kind: 'CiliumClusterwideNetworkPolicy',
    metadata: { name: 'elsewhere' },
    spec: { endpointSelector: app('nobody'), ingress: [{}] },
  },
  {
    apiVersion: 'policy.networking.k8s.io/v1beta1',
    kind: 'ClusterNetworkPolicy',
    metadata: { name: 'to-cache' },
    spec: {
      tier: 'Admin',
      priority: 7,
      subject: { pods: { namespaceSelector: {}, podSelector: app('cache') } },
      ingress: [
        {
          name: 'from-web',
          action: 'Accept',
          from: [{ pods: { namespaceSelector: {}, podSelector: app('web') } }],
          protocols: [{ tcp: { destinationPort: { number: 6379 } } }],
        },
      ],
    },
  },
];

await describeWithSources('the real kinds of other policies', realKindSources, (folders) => {
  describeWithSharedControlPlane('in a live cluster', (controlPlane) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-real-'));
    const ask = (to: string, port: string) =>
      run(['reach', '--from', 'shop/web', '--to', to, '--port', port, '--kubeconfig', controlPlane().adminKubeconfig]);

    beforeAll(async () => {
      const admin = openTerminal(controlPlane(), 'admin');
      const api = openApi(controlPlane(), 'admin');
      const definitions = readDefinitions(folders);
      await admin.run('create -f -', namespace('shop'), ...definitions);
      await untilServed(
        api,
        definitions.map((definition) => kindOf(definition, {}, {})),
      );
      api.close();
      const pods = ['web', 'db', 'cache'].map((name) => podOf('shop', name, { app: name }));
      await admin.run('create -f -', ...pods, ...objects);
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it('of network-policy-api are evaluated', async () => {
      expect((await ask('shop/cache', '6379')).stdout).toMatch(/^allowed: [\s\S]*ClusterNetworkPolicy to-cache/);
      expect((await ask('shop/cache', '80')).stdout).toMatch(/^denied: /);
    });

    it('of Cilium are named where they select an end, and nowhere else', async () => {
      const { stdout } = await ask('shop/db', '80');
      expect(stdout).toMatch(/^denied: /);
      expect(stdout).toContain('but 1 CiliumNetworkPolicy (shop/to-db) selects shop/db and is not evaluated\n');
      expect(stdout).not.toContain('CiliumClusterwideNetworkPolicy');
      expect((await ask('shop/cache', '80')).stdout).not.toContain('CiliumNetworkPolicy');
    });

    it('of Cilium leave an expectation undefined, and only that one', async () => {
      const file = join(folder, 'expectations.yaml');
      const deny = ['db', 'cache'].map((to) => `{from: shop/web, to: shop/${to}, port: 80}`).join(', ');
      writeFileSync(file, `allow: [{from: shop/web, to: shop/cache, port: 6379}]\ndeny: [${deny}]\n`);
      const { stdout, code } = await run(['assert', file, '--kubeconfig', controlPlane().adminKubeconfig]);
      expect([code, stdout]).toEqual([
        1,
        expect.stringMatching(/undefined: shop\/web to shop\/db on TCP\/80[\s\S]*2 held, 1 failed/),
      ]);
    });
  });
});
