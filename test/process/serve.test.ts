import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { refuse, serveFaults } from '../cluster/fault-server.ts';
import { findFreePorts } from '../control-plane/ports.ts';

type Answer = Parameters<typeof serveFaults>[0];

/** Answers as an API server on which Ringfence may do everything, but for full lists. */
const withoutLists: Answer = (request, response) => {
  const path = new URL(request.url ?? '', 'http://api').pathname;
  if (request.method === 'POST') {
    response.statusCode = 201;
    if (path.endsWith('/selfsubjectreviews')) response.end('{"status":{"userInfo":{"username":"ringfence"}}}');
    else request.pipe(response);
  } else if (/\/(?:namespaces|networkpolicies)$/.test(path)) refuse(response, 500, 'InternalError');
  else if (path.includes('/clusterroles/')) response.end('{"metadata":{"name":"ringfence-webhooks","uid":"1"}}');
  else refuse(response, 404, 'NotFound');
};

/** The same, with the webhook configurations of an installation whose ConfigMap is gone. */
const withoutConfigMap: Answer = (request, response) => {
  if (request.url?.endsWith('webhookconfigurations/ringfence') !== true) return withoutLists(request, response);
  response.end('{"metadata":{"name":"ringfence","annotations":{"ringfence.dev/config-version":"7"}}}');
};

it.each<[where: string, line: string, answer: Answer]>([
  ['waits for an API server', 'waiting for the API server', (_, response) => refuse(response, 503, 'Unavailable')],
  ['waits for its configuration', 'waiting for the configuration', withoutConfigMap],
  ['waits for its first full list', 'watch interrupted', withoutLists],
])('ends at once when it is told to while it %s', async (_, awaited, answer) => {
  const { kubeconfig } = await serveFaults(answer);
  const ports = await findFreePorts(2);
  const args = ['--kubeconfig', kubeconfig, '--port', String(ports[0]), '--admin-port', String(ports[1])];
  const child = spawn(process.execPath, ['bin/ringfence.mjs', 'serve', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said += String(part);
  });
  const ended = once(child, 'exit');
  const told: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    const { msg } = JSON.parse(line) as { msg: string };
    if (msg === awaited && !told.includes(awaited)) child.kill('SIGTERM');
    told.push(msg);
  }
  expect({ said, told: told.at(-1), ended: await ended }).toEqual({
    said: '',
    told: 'stopped before it served',
    ended: [0, null],
  });
});

it('ends at once when it was told to before it began', async () => {
  const { kubeconfig } = await serveFaults((_, response) => refuse(response, 503, 'Unavailable'));
  const options = {
    kubeconfig,
    namespace: 'fence',
    variables: {},
    host: '127.0.0.1',
    port: 0,
    adminPort: 0,
    logLevel: 'info',
  };
  const script = `import { serve } from './src/process/serve.ts'; await serve(${JSON.stringify(options)}, AbortSignal.abort());`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [ended, stdout, stderr] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  expect([ended, stderr, stdout]).toEqual([[0, null], '', expect.stringContaining('stopped before it served')]);
});
