import { describe, expect, it, onTestFinished } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { startConnectProxy } from './connect-proxy.ts';
import { failure, issueServer, serveTls, writeKubeconfig } from './fault-server.ts';

describe('a proxy', () => {
  const variables = {
    kubeconfig: undefined,
    httpProxy: undefined,
    noProxy: undefined,
    serviceHost: undefined,
    servicePort: undefined,
  };

  /** A server behind a proxy, which alone knows its name. */
  async function serveBehindProxy(cluster: object = {}) {
    const { ca, certificate } = await issueServer();
    const { url } = await serveTls(certificate, (_, response) => response.end('{"ok":true}'));
    const proxy = await startConnectProxy(url);
    onTestFinished(() => proxy.close());
    const { file } = writeKubeconfig(
      {
        server: `https://api.example:${new URL(url).port}`,
        'tls-server-name': 'localhost',
        'certificate-authority-data': Buffer.from(ca).toString('base64'),
        ...cluster,
      },
      {},
    );
    const open = (httpsProxy: string, noProxy?: string): Cluster => {
      const cluster = connect({ kubeconfig: file, variables: { ...variables, httpsProxy, noProxy } });
      onTestFinished(() => cluster.close());
      return cluster;
    };
    return { proxy, open, port: new URL(url).port };
  }

  it('of the environment carries calls and watches', async () => {
    const { proxy, open, port } = await serveBehindProxy();
    const cluster = open(proxy.url);
    expect(await cluster.request('GET', '/a')).toEqual({ ok: true });
    const signal = AbortSignal.timeout(10_000);
    let isOpen = false;
    const onOpen = (): void => {
      isOpen = true;
    };
    await cluster.watch({ path: '/b', query: {}, silenceMs: 10_000, signal, onOpen, onEvent: () => undefined });
    expect([isOpen, new Set(proxy.tunnels)]).toEqual([true, new Set([`api.example:${port}`])]);
  });

  it('of the environment is left out for NO_PROXY', async () => {
    const { proxy, open } = await serveBehindProxy();
    expect((await failure(open(proxy.url, '.example').request('GET', '/a'))).message).toContain('ENOTFOUND');
    expect(proxy.tunnels).toEqual([]);
  });

  it('that the kubeconfig names goes before that of the environment, and NO_PROXY says nothing of it', async () => {
    const { proxy, open } = await serveBehindProxy();
    const dead = 'http://127.0.0.1:1';
    expect((await failure(open(dead).request('GET', '/a'))).code).toBe(0);
    const named = await serveBehindProxy({ 'proxy-url': proxy.url });
    // The certificate of the other server is refused, so the tunnel was to that server.
    await failure(named.open(dead, '*').request('GET', '/a'));
    expect(proxy.tunnels[0]).toMatch(/^api\.example:/);
  });
});
