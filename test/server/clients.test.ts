// Who may post reviews to a server with a client authority.
import { once } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { reachablePath } from '../../src/installation/address.ts';
import type { WebhookApp } from '../../src/server/app.ts';
import { createAuthority } from '../../src/tls/authority.ts';
import { setUp } from '../admission/scene.ts';
import { issueClientCertificate } from '../tls/client-certificate.ts';
import { listen, open, read, whole } from './sockets.ts';
import { build, certificate } from './webhook-server.ts';

const validity = { at: Date.now(), lifetimeMs: 3_600_000 };
const [ours, theirs] = await Promise.all([createAuthority(validity), createAuthority(validity)]);
const [apiServer, stranger] = await Promise.all([issueClientCertificate(ours), issueClientCertificate(theirs)]);

const scene = setUp();
const refused: string[] = [];
let app: WebhookApp;
let port: number;
beforeAll(async () => {
  app = build({ ...scene, refused: (reason, sentence) => void refused.push(`${reason}: ${sentence}`) }, {}, ours.cert);
  port = await listen(app);
});
afterAll(() => app.close());
beforeEach(() => {
  app.renew({ ...certificate, clientAuthority: ours.cert });
  refused.length = 0;
  scene.audited.length = 0;
});

/** Sends a review. Resolves to the status code, and whether the connection is to end. */
async function ask(options: ConnectionOptions): Promise<[number | undefined, boolean]> {
  const socket = await open(port, options);
  socket.write(whole());
  const { codes, text } = await read(socket, 1);
  socket.destroy();
  return [codes[0], /connection: close/i.test(text)];
}

it.each<[string, ConnectionOptions]>([
  ['TLS 1.3', { ...apiServer, minVersion: 'TLSv1.3' }],
  ['TLS 1.2', { ...apiServer, maxVersion: 'TLSv1.2' }],
])('a client of the authority may, by %s', async (_, options) => {
  expect(await ask(options)).toEqual([200, false]);
  expect(refused).toEqual([]);
});

it.each<[string, ConnectionOptions]>([
  ['has no certificate', {}],
  ['has one of another authority', stranger],
  ['has the server’s own, which is for servers', { cert: certificate.cert, key: certificate.key }],
])('a client may not that %s, and nothing is judged', async (_, options) => {
  expect(await ask(options)).toEqual([403, true]);
  expect(refused).toEqual([expect.stringMatching(/^client: .*--client-ca/)]);
  expect(scene.audited).toEqual([]);
});

it('anyone may look whether the server can be reached', async () => {
  const socket = await open(port);
  socket.write(`GET ${reachablePath} HTTP/1.1\r\nhost: x\r\n\r\n`);
  expect((await read(socket, 1)).codes).toEqual([200]);
  socket.destroy();
});

it('an authority that changes is asked for at once; who came before comes again', async () => {
  const early = await open(port, apiServer);
  early.write(whole());
  expect((await read(early, 1)).codes).toEqual([200]);

  // Both authorities, as long as some clients still have the old one.
  app.renew({ ...certificate, clientAuthority: `${ours.cert}\n${theirs.cert}` });
  expect([await ask(apiServer), await ask(stranger)]).toEqual([
    [200, false],
    [200, false],
  ]);
  early.write(whole());
  const { text } = await read(early);
  expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close/i);

  app.renew({ ...certificate, clientAuthority: theirs.cert });
  expect([await ask(apiServer), await ask(stranger)]).toEqual([
    [403, true],
    [200, false],
  ]);
});

it('a certificate of the server that changes changes nothing of that', async () => {
  const early = await open(port, apiServer);
  app.renew({ ...certificate, clientAuthority: ours.cert });
  early.write(whole());
  expect((await read(early, 1)).text).not.toMatch(/connection: close/i);
  early.destroy();
  expect([await ask(apiServer), await ask({})]).toEqual([
    [200, false],
    [403, true],
  ]);
});

it('a session of an authority that is trusted no more lets nobody in', async () => {
  const first = await open(port, { ...apiServer, maxVersion: 'TLSv1.2' });
  const session = first.getSession();
  first.destroy();
  await once(first, 'close');
  app.renew({ ...certificate, clientAuthority: theirs.cert });
  expect(await ask({ ...apiServer, maxVersion: 'TLSv1.2', ...(session === undefined ? {} : { session }) })).toEqual([
    403,
    true,
  ]);
});
