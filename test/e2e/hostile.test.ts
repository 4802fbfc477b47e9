// Hostile objects and bytes, through the real API server and directly to the port.
import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { request, review, uid } from '../admission/scene.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { open, read, whole } from '../server/sockets.ts';
import { type Installation, install, type Replica } from './installation.ts';
import { developerRole, type Manifest, namespace, namespaceLabels, pod, podLabels } from './objects.ts';
import { grant } from './people.ts';
import { findingsIn, openTerminal, type Terminal } from './terminal.ts';

const mebibyte = 1024 * 1024;

describeWithSharedControlPlane('hostile input', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let dev: Terminal;

  beforeAll(async () => {
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
    await grant(controlPlane(), 'dev', ...developerRole);
    dev = openTerminal(controlPlane(), 'dev');
    await dev.run('apply -f -', namespace('shop'));
  });
  afterAll(() => installation.end());

  const decisions = () => replica.log().filter(({ msg }) => msg === 'admission decision');
  const troubles = () => replica.log().filter(({ level, msg }) => level === 'error' || msg === 'review failed');

  it.each<[string, Manifest]>([
    [
      'a label named constructor',
      pod('constructor', { ...podLabels, constructor: 'x', toString: 'y', hasOwnProperty: 'z' }),
    ],
    ['10,000 annotations', annotated(pod('annotated'), 10_000)],
    ['1,000 labels that are not ours', pod('labelled', { ...numbered(1000), ...podLabels })],
    ['a volume with attributes named __proto__ and constructor', withVolume(pod('volume'))],
    ['a mebibyte of environment', withEnvironment(pod('large'), mebibyte)],
  ])('a Pod with %s gets in where it is right', async (_, manifest) => {
    expect(await dev.run('create -f -', manifest)).toMatch(/^pod\/\w+ created/);
  });

  it.each<[string, Manifest, string[]]>([
    [
      'a volume with attributes named __proto__',
      withVolume(pod('v', { ...podLabels, env: 'dev' })),
      ['label-agreement'],
    ],
    ['two mebibytes of environment', withEnvironment(pod('l', {}), 2 * mebibyte), Array(4).fill('required-labels')],
    ['1,000 labels and none of ours', pod('many', numbered(1000)), Array(4).fill('required-labels')],
    ['identity in the look of another script', pod('look', { ...podLabels, tier: 'ap1' }), ['label-values']],
  ])('a Pod with %s is refused by us where it is wrong', async (_, manifest, checks) => {
    const found = findingsIn(await dev.refused('create -f -', manifest));
    expect(found.map((line) => /\[([a-z-]+)\]$/.exec(line)?.[1])).toEqual(checks);
  });

  it.each<[string, Record<string, string>]>([
    ['a label named __proto__', JSON.parse('{"__proto__": "x"}') as Record<string, string>],
    ['a label value of 64 characters', { team: 'x'.repeat(64) }],
    ['a label value in Cyrillic', { env: 'рrod' }],
    ['a label value that is empty where Kubernetes allows it', { env: '' }],
  ])('%s never gets in, whoever says so first', async (_, labels) => {
    const { name, ...rest } = { name: 'odd', ...podLabels };
    const manifest = pod(name, Object.fromEntries([...Object.entries(rest), ...Object.entries(labels)]));
    const { exitCode, stderr } = await controlPlane().kubectl(['create', '-f', '-'], {
      as: 'dev',
      input: JSON.stringify(manifest),
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/is invalid|denied the request/);
  });

  it('a team of 63 characters is a team', async () => {
    const team = { ...namespaceLabels, team: 'x'.repeat(63) };
    expect(await dev.run('create -f -', namespace('longest', team))).toMatch(/^namespace\/longest created/);
  });

  it('an update of a large Pod, which brings two of it, is judged like any other', async () => {
    expect(await dev.run('label pod large -n shop sensitivity=low')).toContain('labeled');
    expect(findingsIn(await dev.refused('label pod large -n shop --overwrite tier=data'))).toHaveLength(1);
  });

  it.each<[string, string, number]>([
    ['of 7 MiB', forged({ note: 'x'.repeat(7 * mebibyte) }), 200],
    [
      'nested a million deep',
      forged({}).replace('"oldObject":null', `"oldObject":${'['.repeat(1e6)}${']'.repeat(1e6)}`),
      200,
    ],
    ['of another version', forged({}).replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1'), 200],
    ['that is a list', `[${forged({})}]`, 400],
    ['that is no JSON', 'apiVersion: admission.k8s.io/v1', 400],
  ])('a forged review %s is answered as it should be', async (_, body, status) => {
    const answer = await post(`${replica.url}/validate/enforced`, body);
    expect(answer.status).toBe(status);
    if (status === 200) expect(JSON.parse(answer.body)).toMatchObject({ response: { uid } });
  });

  it('a forged review above 8 MiB is refused before it is read', async () => {
    expect((await post(`${replica.url}/validate/enforced`, '{', 9 * mebibyte)).status).toBe(413);
  });

  it('a hundred clients that never finish keep nobody else waiting', async () => {
    const sockets = await Promise.all(Array.from({ length: 100 }, () => dawdle(replica.url)));
    try {
      expect(await dev.run('create -f -', pod('prompt'))).toContain('created');
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });

  it('nor do two thousand that say nothing, and fifty that all send 7 MiB', async () => {
    const port = Number(new URL(replica.url).port);
    const sockets: TLSSocket[] = [];
    while (sockets.length < 2_000) sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => open(port)))));
    const large = whole(forged({ note: 'x'.repeat(7 * mebibyte) }));
    const answers = sockets.slice(-50).map((socket) => {
      socket.write(large);
      return read(socket, 1);
    });
    for (let count = 0; count < 10; count += 1)
      expect(await dev.run('create -f -', pod(`beside-${count}`))).toContain('created');
    const codes = (await Promise.all(answers)).flatMap(({ codes: [code] }) => code ?? []);
    expect(codes.filter((code) => ![200, 408, 429].includes(code))).toEqual([]);
    expect(codes).toContain(200);
    for (const socket of sockets) socket.destroy();
  });

  it('a process whose port is taken ends, and says why, instead of waiting for ever', async () => {
    const second = await installation.start({ arguments: ['--port', new URL(replica.url).port] });
    expect(await second.process.ended).toMatchObject({ code: 2 });
    expect(readFileSync(second.logFile, 'utf8')).toMatch(/^[^{\n]*EADDRINUSE[^\n]*$/m);
  });

  it('all of it was decided, and nothing failed', async () => {
    expect(decisions().length).toBeGreaterThanOrEqual(12);
    expect(decisions().filter(({ decision }) => decision === 'errored')).toEqual([]);
    expect(troubles()).toEqual([]);
    expect((await fetch(`${replica.adminUrl}/readyz`)).status).toBe(200);
  });
});

function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`example.com/n-${index}`, 'x']));
}

function annotated(manifest: Manifest, count: number): Manifest {
  return { ...manifest, metadata: { ...(manifest['metadata'] as object), annotations: numbered(count) } };
}

function withVolume(manifest: Manifest): Manifest {
  const attributes = JSON.parse('{"__proto__": "x", "constructor": "y"}') as object;
  const volumes = [{ name: 'v', csi: { driver: 'csi.example.com', volumeAttributes: attributes } }];
  return { ...manifest, spec: { ...(manifest['spec'] as object), volumes } };
}

function withEnvironment(manifest: Manifest, bytes: number): Manifest {
  const containers = [
    { name: 'main', image: 'registry.example/main:1', env: [{ name: 'X', value: 'x'.repeat(bytes) }] },
  ];
  return { ...manifest, spec: { containers } };
}

/** A forged review, with these annotations on its Pod. */
function forged(annotations: object): string {
  return JSON.stringify(
    review(request('Pod', { metadata: { name: 'web', labels: podLabels, annotations }, spec: {} })),
  );
}

/** Posts a body. A body that declares more bytes than it sends never ends. */
function post(
  url: string,
  body: string,
  declared = Buffer.byteLength(body),
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': declared };
    // An attacker does not check the certificate.
    const call = httpsRequest(url, { method: 'POST', headers, rejectUnauthorized: false, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode, body: text });
        call.destroy();
      });
    });
    call.on('error', reject);
    call.write(body);
    if (declared === Buffer.byteLength(body)) call.end();
  });
}

/** A connection that has begun a request and stops there. */
function dawdle(url: string): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      socket.write(
        'POST /validate/enforced HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"',
      );
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
