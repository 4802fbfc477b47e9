import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { refuse, serveFaults } from '../cluster/fault-server.ts';
import { runDesk } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-outside-'));
afterAll(() => rmSync(folder, { recursive: true }));

const labels = { app: 'web', expose: 'true' };
const pod = { metadata: { name: 'web', namespace: 'shop', labels }, spec: {} };
const service = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] },
};
const route = {
  metadata: { name: 'r', namespace: 'shop' },
  spec: { parentRefs: [{ name: 'public' }], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
};

const run = (args: readonly string[]) => runDesk(['reach', '--from', 'outside', ...args]);

/** A cluster in which each path has one object, may not be listed, or is not served. */
async function serve(objects: Readonly<Record<string, object | 'forbidden'>>): Promise<string> {
  const { kubeconfig } = await serveFaults(({ url = '' }, response) => {
    const object = objects[new URL(url, 'http://api').pathname];
    if (object === undefined) refuse(response, 404, 'NotFound');
    else if (object === 'forbidden') refuse(response, 403, 'Forbidden');
    else response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [object] }));
  });
  return kubeconfig;
}

const cluster = {
  '/api/v1/namespaces': { metadata: { name: 'shop' } },
  '/apis/networking.k8s.io/v1/networkpolicies': {
    metadata: { name: 'wall', namespace: 'shop' },
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  },
  '/api/v1/pods': pod,
  '/api/v1/services': service,
};

describe('ringfence reach --from outside', () => {
  it('reads files, all of them once', async () => {
    const file = join(folder, 'all.json');
    const items = [
      { apiVersion: 'v1', kind: 'Pod', ...pod },
      { apiVersion: 'v1', kind: 'Service', ...service },
    ];
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const { stdout, code } = await run(['-f', file, '--to', 'shop/web', '--port', '80']);
    expect([code, stdout]).toEqual([
      0,
      'allowed: shop/service/web (NodePort) to shop/web on TCP/80\n  from any public address: allowed\n    ingress: no policy isolates shop/web\n',
    ]);
    const { stdout: json } = await run(['-f', file, '-o', 'json']);
    expect(JSON.parse(json)).toMatchObject({
      flows: [{ exposure: 'shop/service/web', to: ['shop/web'], port: { protocol: 'TCP', port: 80 } }],
      deadEnds: [],
      notes: expect.arrayContaining([expect.objectContaining({ id: 'controller-assumed' })]),
    });
    expect(await run(['-f', file, '-o', 'csv'])).toMatchObject({
      code: 2,
      stderr: '--from outside has sources and reasons, which are no table: use -o text or -o json\n',
    });
    expect((await run(['-f', file, '--to', '10.0.0.1'])).code).toBe(2);
  });

  it('reads a live cluster, in the versions that it serves', async () => {
    const kubeconfig = await serve({ ...cluster, '/apis/gateway.networking.k8s.io/v1alpha2/tcproutes': route });
    const { stdout, stderr } = await run(['--kubeconfig', kubeconfig]);
    expect(stdout.split('\n').filter((line) => /^\S/.test(line))).toEqual([
      'denied: shop/service/web (NodePort) to shop/web on TCP/80',
      'denied: shop/tcproute/r (Service web, port 80) to shop/web on TCP/80',
    ]);
    expect(stderr).not.toContain('may not be listed');
  });

  it('names what may not be listed, which --strict fails', async () => {
    const kubeconfig = await serve({ ...cluster, '/apis/networking.k8s.io/v1/ingresses': 'forbidden' });
    const { stderr, code } = await run(['--kubeconfig', kubeconfig, '--strict']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('ingresses.networking.k8s.io may not be listed, so what they expose is missing'),
    ]);
  });
});
