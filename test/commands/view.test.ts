import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { viewCommand } from '../../src/commands/view.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { cluster } from '../view/scene.ts';
import { hubbleLine } from './hubble-line.ts';
import { runCommand } from './run.ts';

/** Opens the pages of the small cluster with a flow log. */
async function open(lines: readonly string[]) {
  const folder = temporaryFolder();
  const [objects, log] = [join(folder, 'cluster.json'), join(folder, 'flows.log')];
  writeFileSync(objects, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: cluster }));
  writeFileSync(log, `${lines.join('\n')}\n`);
  const args = ['src/main.ts', 'view', '-f', objects, '--observed', log];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const address = String(line).trim();
  const { origin } = new URL(address);
  const cookie = (await fetch(address, { redirect: 'manual' })).headers.get('set-cookie')?.split(';')[0] ?? '';
  const show = async (path: string): Promise<string> =>
    (await fetch(`${origin}${path}`, { headers: { cookie } })).text();
  return { log, origin, cookie, show };
}

it('reads files and flow logs again when the page asks for it', async () => {
  const { log, origin, cookie, show } = await open([hubbleLine('front/web-1/web', 'orders/api-1/api', 8080)]);
  const flow = () => show('/flow?from=front&to=store');
  const again = async (): Promise<string> => {
    const request = { method: 'POST', headers: { cookie, origin }, redirect: 'manual' } as const;
    expect((await fetch(`${origin}/?do=read`, request)).status).toBe(303);
    return flow();
  };
  expect(await flow()).not.toContain('Seen in a flow log, and denied today');
  // No policy lets front call store.
  appendFileSync(log, `${hubbleLine('front/web-1/web', 'store/data-1/data', 5432)}\n`);
  expect(await again()).toContain('Seen in a flow log, and denied today');
  writeFileSync(log, 'no flow\n');
  expect(await again()).toMatch(/The last attempt to read again failed.*flows\.log: no line is one of .*<\/p>/);
  expect(await flow()).toContain('Seen in a flow log, and denied today');
});

it('says on the map what the flow log lacks, and what of it is not decided', async () => {
  const unplaced = { destination: { identity: 4, labels: ['reserved:health'] } };
  const { show } = await open([
    hubbleLine('front/web-1/web', 'orders/api-1/api', 8080),
    hubbleLine('front/web-1/web', 'orders/api-1/api', 8081, unplaced),
    ...Array.from({ length: 18 }, () => 'cut'),
    JSON.stringify({ lost_events: { num_events_lost: '1049' } }),
  ]);
  const map = await show('/');
  expect(map).toContain('The flow logs do not show everything, so denied flows may be missing here.');
  const notes = await show('/doctor');
  for (const line of [
    'overlooked: 18 lines of the log are no JSON object',
    'overlooked: 1049 events of the log are lost',
    'overlooked: 1 flow of the log is not decided, so the policies of today may deny it: ',
  ])
    expect(notes).toContain(`<li>${line}`);
});

it.each([
  ['-f', '-: a pipe can be read only once, and view reads its files again; write them to a file'],
  ['--observed', '-: a pipe can be read only once, and view reads its logs again; write them to a file'],
])('refuses standard input for %s: exit 2', async (option, message) => {
  const args = ['view', '-f', 'nowhere', option, '-'];
  const { code, stderr } = await runCommand([viewCommand(readEnvironment({}), '0')], args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

it.skipIf(process.platform === 'win32')('refuses a pipe for -f, which Read again would wait for: exit 2', async () => {
  const pipe = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const { code, stderr } = await runCommand([viewCommand(readEnvironment({}), '0')], ['view', '-f', pipe]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`${pipe}: a pipe can be read only once`)]);
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-view-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
