// What `ringfence fence` says beforehand of the flows of a cluster and of a log.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { paths } from '../api-server/address.ts';
import { labels } from '../fencing/scene.ts';
import { hubbleLine } from './hubble-line.ts';
import { openStage, type Stage } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-cuts-'));
afterAll(() => rmSync(folder, { recursive: true }));

let { api, run } = {} as Stage;
beforeEach(async () => {
  ({ api, run } = await openStage());
});
afterEach(() => vi.restoreAllMocks());

function deploy(name: string, env: readonly object[] = []): void {
  const template = {
    metadata: { labels: { ...labels, app: name } },
    spec: { containers: [{ name: 'app', image: 'none', env, ports: [{ containerPort: 8080 }] }] },
  };
  const spec = { selector: { matchLabels: { app: name } }, template };
  api.put(`/apis/apps/v1/namespaces/bank/deployments/${name}`, { spec });
}

function serve(name: string): void {
  const spec = { selector: { app: name }, ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }] };
  api.put(`/api/v1/namespaces/bank/services/${name}`, { spec });
}

function logOf(name: string, ...lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

/** The web of bank names the Service of its API. */
function declareCall(): void {
  deploy('web', [{ name: 'API', value: 'http://api' }]);
  deploy('api');
  serve('api');
}

it('a log that lacks a declared flow is no reason to cut it: the fence is refused with the log as without', async () => {
  declareCall();
  const flow = 'bank/deployment/web -> bank/deployment/api TCP/8080 at both ends (declared: ';
  const args = ['fence', 'bank', '--dry-run'];
  const declared = await run(args);
  expect(declared).toMatchObject({ code: 1, stdout: '' });
  expect(declared.stderr).toContain(`the fence would cut a flow that is declared or seen, first:\n  ${flow}`);

  const observed = await run([...args, '--observed', logOf('empty.jsonl')]);
  expect(observed).toMatchObject({ code: 1, stdout: '' });
  expect(observed.stderr).toContain(
    `the fence would cut a flow that is declared and that no log shows, first:\n  ${flow}`,
  );
  expect(observed.stderr).toContain(
    'With --observed, ringfence plan writes no policy for what no log shows. Without --observed it does.',
  );

  const seen = hubbleLine('bank/web-1/web', 'bank/api-1/api', 9090);
  const short = ['--observed', logOf('short.jsonl', seen)];
  expect((await run([...args, ...short])).stderr).toMatch(
    /would cut a flow that is declared or seen, first:\n.* TCP\/9090 .*\nIt also cuts a flow that is declared and that no log shows, first:\n.* TCP\/8080 /,
  );
  const accepted = await run([...args, ...short, '--accept-cuts']);
  expect(accepted).toMatchObject({ code: 0 });
  expect(accepted.stdout).toContain(`It also cuts a flow that is declared and that no log shows, first:\n  ${flow}`);
  const report = JSON.parse((await run([...args, ...short, '-o', 'json'])).stdout) as { messages: string[] };
  expect(report.messages.join('\n')).toContain(`that is declared and that no log shows, first:\n  ${flow}`);
});

it('a log is no reason to cut what is declared and forbidden, either', async () => {
  declareCall();
  api.put(paths.namespace('store'), { metadata: { labels: { ...labels, tier: 'data' } } });
  const spec = {
    containers: [{ name: 'app', image: 'none', env: [{ name: 'DB', value: 'db.store.svc:5432' }] }],
  };
  api.put('/api/v1/namespaces/bank/pods/job', { metadata: { labels: { ...labels, app: 'job' } }, spec });
  const behind = { selector: { app: 'db' }, ports: [{ port: 5432, protocol: 'TCP' }] };
  api.put('/api/v1/namespaces/store/services/db', { spec: behind });
  api.put('/api/v1/namespaces/store/pods/db', {
    metadata: { labels: { ...labels, tier: 'data', app: 'db' } },
    spec: { containers: [{ name: 'app', image: 'none' }] },
  });
  const { code, stderr } = await run(['fence', 'bank', '--dry-run', '--observed', logOf('none.jsonl')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/a flow that passes today and that the rules forbid, first:\n.* TCP\/5432 .*flow-matrix/);
});

it('flows whose fate is not decided are told, in the text and whole in the JSON', async () => {
  const ports = Array.from({ length: 12 }, (_, index) => 7000 + index);
  const lines = ports.map((port) =>
    hubbleLine('bank/web-1/web', 'bank/api-1/api', port, { destination: { identity: 3 } }),
  );
  const args = ['fence', 'bank', '--dry-run', '--observed', logOf('unresolved.jsonl', ...lines)];
  const { code, stdout } = await run(args);
  expect(code).toBe(0);
  const first =
    'bank (Pods of no known workload) -> unresolved TCP/7000 (seen 1 time): a Pod that Cilium does not manage';
  expect(stdout).toContain('The plan knows of no flow that this cuts:');
  expect(stdout).toContain(`The fence may cut 12 flows whose fate is not decided, first:\n  ${first}\n`);
  expect(stdout).toContain('\n  and 2 more\n');
  const report = JSON.parse((await run([...args, '-o', 'json'])).stdout) as { undecided: string[] };
  expect([report.undecided.length, report.undecided[0]]).toEqual([12, first]);
});

it('flows of a log that nobody can place are counted: an address may have been a Pod of the namespace', async () => {
  api.put('/api/v1/nodes/one', { spec: { podCIDRs: ['10.1.0.0/16'] } });
  const line = (from: string, to: string) =>
    JSON.stringify({ protocol: 'TCP', port: 8080, from_address: from, to_address: to });
  const log = logOf('addresses.jsonl', line('10.1.0.9', '203.0.113.1'), line('203.0.113.2', '203.0.113.1'));
  const { stdout } = await run(['fence', 'bank', '--dry-run', '--observed', log]);
  expect(stdout).toContain(
    '\n  not in the plan: 1 flow with an end that may have been a Pod of bank and is not known\n',
  );
});
