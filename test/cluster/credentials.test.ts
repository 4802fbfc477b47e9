import { rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/cluster/connection.ts';
import {
  connected,
  failure,
  issueServer,
  refuse,
  serveFaults,
  serveSecurely,
  serveTls,
  writeKubeconfig,
} from './fault-server.ts';

describe('credentials', () => {
  it('are read again when they are refused, and then even a POST is sent once more', async () => {
    const { tokens, accept, cluster, write } = await serveToken('first');
    await cluster.request('GET', '/a');
    accept('second');
    write('second\n');
    expect(await cluster.request('POST', '/a', { body: {} })).toEqual({ ok: true });
    expect(tokens).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  it('are read again once for all calls that are refused together', async () => {
    const { accept, cluster, write } = await serveToken('first');
    await cluster.request('GET', '/a');
    accept('second');
    write('second');
    const answers = await Promise.all(Array.from({ length: 20 }, () => cluster.request('GET', '/a')));
    expect(answers).toEqual(Array.from({ length: 20 }, () => ({ ok: true })));
  });

  it('that are still the same are not sent again', async () => {
    const { tokens, accept, cluster } = await serveToken('first');
    accept('second');
    expect(await failure(cluster.request('GET', '/a'))).toMatchObject({ code: 401 });
    expect(tokens).toEqual(['Bearer first']);
  });

  it('are read again after a minute, although nothing refused them', async () => {
    const { tokens, accept, cluster, write, wait } = await serveToken('first');
    await cluster.request('GET', '/a');
    write('second');
    accept('second');
    wait(61_000);
    await cluster.request('GET', '/a');
    expect(tokens).toEqual(['Bearer first', 'Bearer second']);
  });

  it('in a tokenFile take precedence over a token, as long as the file can be read', async () => {
    const { tokens, cluster, write, wait } = await serveToken('file', { token: 'inline' });
    await cluster.request('GET', '/a');
    write('');
    wait(61_000);
    await cluster.request('GET', '/a');
    expect(tokens).toEqual(['Bearer file', 'Bearer file']);
    const { tokens: others, cluster: other } = await serveToken('', { token: 'inline' });
    await failure(other.request('GET', '/a'));
    expect(others).toEqual(['Bearer inline']);
  });

  it('in a tokenFile that cannot be read are a sentence', async () => {
    const { cluster, tokenFile } = await serveToken('');
    expect((await failure(cluster.request('GET', '/a'))).message).toBe(`GET /a: tokenFile ${tokenFile} is empty`);
    rmSync(tokenFile);
    expect((await failure(cluster.request('GET', '/a'))).message).toBe(
      `GET /a: tokenFile ${tokenFile} cannot be read (ENOENT)`,
    );
  });

  it('are never sent without TLS, but the user to act as is', async () => {
    const sent: unknown[] = [];
    const server = await serveFaults(({ headers }, response) => {
      sent.push([headers.authorization, headers['impersonate-user']]);
      response.end('{}');
    });
    const { file } = writeKubeconfig({ server: server.url }, { token: 'secret', as: 'ada' });
    await connected(file).request('GET', '/a');
    const password = writeKubeconfig({ server: server.url }, { username: 'ada', password: 'secret' });
    await connected(password.file).request('GET', '/a');
    expect(sent).toEqual([
      [undefined, 'ada'],
      [undefined, undefined],
    ]);
  });

  it('impersonate in a watch as well, with a header for each group', async () => {
    const sent: unknown[] = [];
    const { file } = await serveUser(({ headersDistinct }, response) => {
      const { authorization, 'impersonate-user': as, 'impersonate-group': groups } = headersDistinct;
      sent.push([authorization, as, groups]);
      response.end('{}');
    })({ token: 'secret', as: 'jörg', 'as-groups': ['developers', 'people'] });
    const cluster = connected(file);
    await cluster.request('GET', '/a');
    const signal = AbortSignal.timeout(10_000);
    const ignore = () => undefined;
    await cluster.watch({ path: '/b', query: {}, silenceMs: 10_000, signal, onOpen: ignore, onEvent: ignore });
    const expected = [['Bearer secret'], ['j\u00c3\u00b6rg'], ['developers', 'people']];
    expect(sent).toEqual([expected, expected]);
  });

  it('come from a plugin, which learns its API version, unless a token is written down', async () => {
    const sent: unknown[] = [];
    const user = serveUser(({ headers }, response) => {
      sent.push(headers.authorization);
      response.end('{}');
    });
    const script = `const { apiVersion, spec } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
      console.log(JSON.stringify({ apiVersion, status: { token: [process.env.PART, spec.cluster.server.split(':')[0]].join() } }));`;
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      interactiveMode: 'Never',
      command: process.execPath,
      args: ['-e', script],
      env: [{ name: 'PART', value: 'plugin' }],
      provideClusterInfo: true,
    };
    await connected((await user({ exec })).file).request('GET', '/a');
    await connected((await user({ exec, token: 'inline' })).file).request('GET', '/a');
    const missing = { ...exec, command: 'no-such-plugin', installHint: 'install it with care' };
    await connected((await user({ exec: missing, token: 'other' })).file).request('GET', '/a');
    expect(sent).toEqual(['Bearer plugin,https', 'Bearer inline', 'Bearer other']);
    expect((await failure(connected((await user({ exec: missing })).file).request('GET', '/a'))).message).toContain(
      'exec plugin no-such-plugin: not found: install it with care',
    );
  });

  it('that worked are kept where their file is gone', async () => {
    let time = 0;
    const server = await serveFaults((_, response) => response.end('{"ok":true}'));
    const { ca } = await issueServer();
    const { file, folder } = writeKubeconfig(
      { server: server.url, 'insecure-skip-tls-verify': true, 'certificate-authority': 'ca.crt' },
      {},
    );
    writeFileSync(join(folder, 'ca.crt'), ca);
    const cluster = connected(file, () => time);
    await cluster.request('GET', '/a');
    rmSync(join(folder, 'ca.crt'));
    time += 61_000;
    expect(await cluster.request('GET', '/a')).toEqual({ ok: true });
  });

  it('that cannot be found are a sentence', () => {
    expect(() => connect({ kubeconfig: '/nowhere/kubeconfig' })).toThrow('/nowhere/kubeconfig');
  });
});

describe('certificates', () => {
  it('are read again when the handshake fails: the authority changed under a running process', async () => {
    const [first, second] = [await issueServer(), await issueServer()];
    const { server, url, cut } = await serveTls(first.certificate, (_, response) => response.end('{"ok":true}'));
    const { file, folder } = writeKubeconfig({ server: url, 'certificate-authority': 'ca.crt' }, {});
    writeFileSync(join(folder, 'ca.crt'), first.ca);
    const cluster = connected(file);
    expect(await cluster.request('GET', '/a')).toEqual({ ok: true });
    server.setSecureContext(second.certificate);
    cut();
    writeFileSync(join(folder, 'ca.crt'), second.ca);
    expect(await cluster.request('POST', '/a', { body: {} })).toEqual({ ok: true });
  });

  it('of an authority that is not ours are refused', async () => {
    const [ours, theirs] = [await issueServer(), await issueServer()];
    const { url } = await serveTls(theirs.certificate, (_, response) => response.end('{}'));
    const { file } = writeKubeconfig(
      { server: url, 'certificate-authority-data': Buffer.from(ours.ca).toString('base64') },
      {},
    );
    expect(await failure(connected(file).request('GET', '/a'))).toMatchObject({ code: 0 });
  });
});

/** A server over TLS, and a maker of kubeconfigs for it. */
function serveUser(listener: RequestListener): (user: object) => Promise<ReturnType<typeof writeKubeconfig>> {
  const server = serveSecurely(listener);
  return async (user) => writeKubeconfig({ server: (await server).url, 'insecure-skip-tls-verify': true }, user);
}

/** A server that accepts one token, and a user whose token is in a file. */
async function serveToken(first: string, user: object = {}) {
  const tokens: unknown[] = [];
  let accepted = first;
  let time = 0;
  const { file, folder } = await serveUser((request, response) => {
    tokens.push(request.headers.authorization);
    if (request.headers.authorization === `Bearer ${accepted}`) response.end('{"ok":true}');
    else refuse(response, 401, 'Unauthorized');
  })({ ...user, tokenFile: 'token' });
  const tokenFile = join(folder, 'token');
  const write = (token: string): void => writeFileSync(tokenFile, token);
  write(first);
  return {
    tokens,
    tokenFile,
    write,
    accept: (token: string): void => {
      accepted = token;
    },
    wait: (ms: number): void => {
      time += ms;
    },
    cluster: connected(file, () => time),
  };
}
