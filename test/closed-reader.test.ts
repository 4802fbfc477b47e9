// A reader of standard output that closes early, such as `head`, must not hide what was found.
// test/commands/run.ts holds every command to setting its exit code before it prints.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paths } from './api-server/address.ts';
import { createMemoryApi } from './api-server/memory-api.ts';
import { serveMemoryApi } from './commands/api-server.ts';
import { labels as identity, installRingfence, wall as wallName } from './fencing/scene.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ringfence-reader-'));
const wrong = join(folder, 'wrong.yaml');
const right = join(folder, 'right.yaml');
const expectations = join(folder, 'expectations.yaml');

const labels = '{env: prod, tier: api, team: shop}';
const objects = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: ${labels}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {env: prod, tier: api, team: shop, expose: "false"}}
`;
/** More than a pipe holds: the first block of a stream is written before its end is known. */
const many = Array.from(
  { length: 400 },
  (_, index) => `---\napiVersion: v1\nkind: Pod\nmetadata: {name: pod-${index}, namespace: shop}\n`,
).join('');
const wall = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: wall, namespace: shop, labels: ${labels}}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`;

beforeAll(() => {
  writeFileSync(wrong, `${objects}${many}`);
  writeFileSync(right, `${objects}${wall}`);
  writeFileSync(expectations, 'deny: [{from: shop/web, to: 203.0.113.7, port: 80}]\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command line while nobody reads what it prints. */
async function runUnread(args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { HOME: folder, PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
  const [status, stderr] = await Promise.all([ended, text(child.stderr)]);
  return { status, stderr };
}

describe('a reader that closes standard output before it is written', { concurrent: true, timeout: 120_000 }, () => {
  it.each([
    [['check', wrong], 1],
    [['check', wrong, '-o', 'json'], 1],
    [['check', right], 0],
    [['assert', '-f', wrong, expectations], 1],
    [['assert', '-f', right, expectations], 0],
    [['diff', wrong, right, '-o', 'json'], 1],
    [['diff', right, right, '-o', 'json'], 0],
    [['reach', '--matrix', '-f', wrong, '-o', 'json'], 0],
    [['--help'], 0],
  ] as const)('leaves the exit code of %j at %i', async (args, code) => {
    const { status, stderr } = await runUnread(args);
    expect([status, stderr]).toEqual([code, expect.not.stringMatching(/EPIPE|^\s+at /m)]);
  });

  it('gets no policy replaced that it was to keep', async () => {
    const api = createMemoryApi();
    installRingfence(api);
    api.put(paths.namespace('bank'), { metadata: { labels: identity } });
    const spec = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] };
    api.put(paths.policy('bank', wallName), { spec, metadata: {} });
    const kubeconfig = await serveMemoryApi(api);
    const { status, stderr } = await runUnread(['fence', 'bank', '--yes', '--replace', '--kubeconfig', kubeconfig]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^To fence namespace bank:[\s\S]*\nringfence: standard output cannot be written: write EPIPE\n$/,
      ),
    ]);
    expect(api.writes()).toEqual([]);
    expect(api.at(paths.policy('bank', wallName))).toMatchObject({ spec });
  });
});
