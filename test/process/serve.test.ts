import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
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

it.each<[where: string, line: string, answer: Answer]>([
  ['waits for an API server', 'waiting for the API server', (_, response) => refuse(response, 503, 'Unavailable')],
  ['waits for its first full list', 'watch interrupted', withoutLists],
])('ends at once when it is told to while it %s', async (_, line, answer) => {
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
  for await (const text of createInterface(child.stdout)) {
    const { msg } = JSON.parse(text) as { msg: string };
    if (msg === line && !told.includes(line)) child.kill('SIGTERM');
    told.push(msg);
  }
  expect({ said, told: told.at(-1), ended: await ended }).toEqual({
    said: '',
    told: 'stopped before it served',
    ended: [0, null],
  });
});
