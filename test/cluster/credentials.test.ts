import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/cluster/connection.ts';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import { connected, failure, refuse, serveFaults, serveTls, writeKubeconfig } from './fault-server.ts';

describe('credentials', () => {
  it('are read again when they are refused, and then even a POST is sent once more', async () => {
    const tokens: unknown[] = [];
    let accepted = 'first';
    const server = await serveFaults((request, response) => {
      tokens.push(request.headers.authorization);
      if (request.headers.authorization === `Bearer ${accepted}`) response.end('{"ok":true}');
      else refuse(response, 401, 'Unauthorized');
    });
    const { file, tokenFile } = withTokenFile(server.url);
    writeFileSync(tokenFile, 'first\n');
    const cluster = connected(file);
    await cluster.request('GET', '/a');
    accepted = 'second';
    writeFileSync(tokenFile, 'second\n');
    expect(await cluster.request('POST', '/a', { body: {} })).toEqual({ ok: true });
    expect(tokens).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  it('are read again once for all calls that are refused together', async () => {
    let accepted = 'first';
    const server = await serveFaults((request, response) => {
      if (request.headers.authorization === `Bearer ${accepted}`) response.end('{"ok":true}');
      else refuse(response, 401, 'Unauthorized');
    });
    const { file, tokenFile } = withTokenFile(server.url);
    writeFileSync(tokenFile, 'first');
    const cluster = connected(file);
    await cluster.request('GET', '/a');
    accepted = 'second';
    writeFileSync(tokenFile, 'second');
    const answers = await Promise.all(Array.from({ length: 20 }, () => cluster.request('GET', '/a')));
    expect(answers).toEqual(Array.from({ length: 20 }, () => ({ ok: true })));
  });

  it('that are still the same are not sent again', async () => {
    const server = await serveFaults((_, response) => refuse(response, 401, 'Unauthorized'));
    const { file, tokenFile } = withTokenFile(server.url);
    writeFileSync(tokenFile, 'first');
    expect(await failure(connected(file).request('GET', '/a'))).toMatchObject({ code: 401 });
    expect(server.requests).toHaveLength(1);
  });

  it('that worked are kept where their file is gone', async () => {
    let time = 0;
    const server = await serveFaults((_, response) => response.end('{"ok":true}'));
    const ca = await createAuthority({ at: Date.now(), lifetimeMs: 3_600_000 });
    const { file, folder } = writeKubeconfig(
      { server: server.url, 'insecure-skip-tls-verify': true, 'certificate-authority': 'ca.crt' },
      {},
    );
    writeFileSync(join(folder, 'ca.crt'), ca.cert);
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
    const [first, second] = [await issued(), await issued()];
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
    const [ours, theirs] = [await issued(), await issued()];
    const { url } = await serveTls(theirs.certificate, (_, response) => response.end('{}'));
    const { file } = writeKubeconfig(
      { server: url, 'certificate-authority-data': Buffer.from(ours.ca).toString('base64') },
      {},
    );
    expect(await failure(connected(file).request('GET', '/a'))).toMatchObject({ code: 0 });
  });
});

function withTokenFile(server: string): { readonly file: string; readonly tokenFile: string } {
  const { folder } = writeKubeconfig({}, {});
  const tokenFile = join(folder, 'token');
  const { file } = writeKubeconfig(
    { server, 'insecure-skip-tls-verify': true },
    { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } },
  );
  return { file, tokenFile };
}

async function issued(): Promise<{ ca: string; certificate: { cert: string; key: string } }> {
  const life = { at: Date.now(), lifetimeMs: 3_600_000 };
  const authority = await createAuthority(life);
  const certificate = await issueCertificate(authority, {
    ...life,
    names: { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] },
  });
  return { ca: authority.cert, certificate };
}
