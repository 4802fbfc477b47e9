import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callRoll, waitUntilReachable } from '../../src/installation/reachability.ts';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import type { KeyPair } from '../../src/tls/certificate.ts';

const validity = { at: Date.now(), lifetimeMs: 3_600_000 };
let authority: KeyPair;
let leaf: KeyPair;
let server: Server | undefined;

beforeAll(async () => {
  authority = await createAuthority(validity);
  leaf = await issueCertificate(authority, { ...validity, names: { dnsNames: [], ipAddresses: ['127.0.0.1'] } });
});
afterEach(() => void server?.close());

/** Serves these status codes in turn, the last of them for ever. */
async function serve(...codes: readonly number[]): Promise<string> {
  let asked = 0;
  server = createServer(leaf, (_, response) => {
    response.writeHead(codes[Math.min(asked, codes.length - 1)] ?? 200).end();
    asked += 1;
  });
  await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/reachable`;
}

describe('waitUntilReachable', () => {
  it('resolves at once where the address answers', async () => {
    const url = await serve(200);
    const failures: string[] = [];
    const options = { signal: new AbortController().signal, onFailure: (reason: string) => void failures.push(reason) };
    await waitUntilReachable(url, () => authority.cert, options);
    expect(failures).toEqual([]);
  });

  it('goes on asking, and says why, while something else answers', async () => {
    const url = await serve(503, 404, 200);
    const failures: string[] = [];
    const options = { signal: new AbortController().signal, onFailure: (reason: string) => void failures.push(reason) };
    await waitUntilReachable(url, () => authority.cert, options);
    expect(failures).toEqual([`${url} answered 503`, `${url} answered 404`]);
  });

  it('does not take the answer of another authority, and asks for ours anew each time', async () => {
    const url = await serve(200);
    const other = await createAuthority(validity);
    const bundles = [other.cert, authority.cert];
    const failures: string[] = [];
    const options = { signal: new AbortController().signal, onFailure: (reason: string) => void failures.push(reason) };
    await waitUntilReachable(url, () => bundles.shift() ?? '', options);
    expect(failures).toEqual([expect.stringMatching(/certificate/)]);
    expect(bundles).toEqual([]);
  });

  it('rejects when it is aborted, and only then', async () => {
    const url = await serve(500);
    const stop = new AbortController();
    const waiting = waitUntilReachable(url, () => authority.cert, {
      signal: stop.signal,
      onFailure: () => stop.abort(new Error('stopped')),
    });
    await expect(waiting).rejects.toThrow('stopped');
  });
});

describe('callRoll', () => {
  /** Answers with these bodies in turn. */
  async function answering(...bodies: readonly string[]): Promise<string> {
    let asked = 0;
    server = createServer(leaf, (_, response) => {
      response.end(bodies[asked % bodies.length]);
      asked += 1;
    });
    await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}/reachable`;
  }

  it('finds the release of every replica that answers, and those that do not say theirs', async () => {
    const url = await answering('{"status":"ok","release":"0.2.0"}', '{"status":"ok"}', 'rubbish');
    expect(await callRoll(url, authority.cert)).toEqual(new Set(['0.2.0', 'unknown']));
  });

  it('leaves out what does not answer, or is not trusted', async () => {
    const url = await answering('{"status":"ok"}');
    expect(await callRoll(url, (await createAuthority(validity)).cert)).toEqual(new Set());
    server?.close();
    expect(await callRoll('https://127.0.0.1:1/reachable', authority.cert)).toEqual(new Set());
  });
});
