import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { planCommand } from '../../src/commands/plan.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { escapeXml } from '../../src/report/test-suite.ts';
import { hubbleLine } from './hubble-line.ts';
import { runDesk as run, runCommand } from './run.ts';

const example = fileURLToPath(new URL('../../examples/three-tiers', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ringfence-overlooked-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('what was overlooked', () => {
  const message = 'no Namespace object for b: assumed to have no label except its name';
  const note = { id: 'namespace-unknown', message, objects: ['b'], overlooked: true, namespaces: ['b'] };
  const pods = ['a/p', 'b/q', 'a/r'].map((name) => {
    const [namespace, short] = name.split('/');
    return `{apiVersion: v1, kind: Pod, metadata: {name: ${short}, namespace: ${namespace}}}`;
  });
  const world = write(
    'overlooked.yaml',
    ['{apiVersion: v1, kind: Namespace, metadata: {name: a}}', ...pods].join('\n---\n'),
  );
  const expectations = write('overlooked.exp', 'allow: [{from: a/p, to: b/q, port: 80}]\n');
  const flow = ['--from', 'a/p', '--to', 'b/q'];

  it.each<[string, readonly string[], (data: Record<string, unknown>) => unknown]>([
    ['one answer', ['reach', '-f', world, ...flow, '--port', '80'], ({ notes }) => notes],
    ['a survey', ['reach', '-f', world, '--matrix'], ({ notes }) => notes],
    ['expectations', ['assert', '-f', world, expectations], ({ notes }) => notes],
    ['a difference', ['diff', world, world], ({ notes }) => (notes as Record<string, unknown>)['after']],
  ])('is data in the JSON of %s, and a note beside it', async (_, args, notesIn) => {
    const { stdout, stderr } = await run([...args, '-o', 'json']);
    expect(notesIn(JSON.parse(stdout) as Record<string, unknown>)).toEqual([note]);
    expect(stderr).toBe(`note: ${message}\n`);
  });

  it('is in the lines of the queries that it concerns', async () => {
    const queries = write(
      'overlooked.jsonl',
      '{"from":"a/p","to":"b/q","port":80}\n{"from":"a/p","to":"a/r","port":80}\n',
    );
    const { stdout } = await run(['reach', '-f', world, '--queries', queries, '-o', 'jsonl']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['notes'])).toEqual([[message], undefined]);
  });

  it('is a property of the suite in JUnit', async () => {
    expect((await run(['assert', '-f', world, expectations, '-o', 'junit'])).stdout).toContain(
      `<property name="note" value="${escapeXml(message)}"/>`,
    );
  });

  it.each<[string, readonly string[]]>([
    ['reach', ['reach', '-f', world, '--matrix']],
    ['assert', ['assert', '-f', world, expectations]],
    ['diff', ['diff', world, world]],
  ])('lets %s fail with --strict only', async (_, args) => {
    expect((await run(args)).code).toBe(0);
    expect((await run([...args, '--strict'])).code).toBe(1);
  });

  it('is a policy of another kind at the ends of a survey, and one that differs in a diff', async () => {
    const spec = '{endpointSelector: {matchLabels: {app: web}}, ingress: [{}]}';
    const text = `{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: c, namespace: a}, spec: ${spec}}`;
    const labelled = '{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: a, labels: {app: web}}}';
    const more = write('cilium.yaml', [labelled, text].join('\n---\n'));
    const { stdout } = await run(['reach', '-f', world, more, '--matrix', '-o', 'csv']);
    expect(stdout).toContain(',,,,ingress: 1 CiliumNetworkPolicy (a/c) selects a/web and is not evaluated\n');
    const after = write('cilium-after.yaml', [labelled, text.replace('[{}]', '[]')].join('\n---\n'));
    const { stderr, code } = await run(['diff', more, after]);
    expect([stderr, code]).toEqual([
      expect.stringContaining(
        'policies that are not evaluated differ, so flows may differ that are not shown: CiliumNetworkPolicy.cilium.io a/c\n',
      ),
      0,
    ]);
  });

  it('is a policy that selects no Pod, which fails nothing', async () => {
    const policy =
      '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: cart, namespace: a}, spec: {podSelector: {matchLabels: {app: cart}}}}';
    const described = '{apiVersion: v1, kind: Namespace, metadata: {name: a}}';
    const file = write('idle.yaml', [described, pods[0], policy].join('\n---\n'));
    const { stderr, code } = await run(['reach', '-f', file, '--matrix', '--strict']);
    expect([stderr, code]).toEqual(['note: NetworkPolicy a/cart selects no Pod here\n', 0]);
  });

  it('is a kind of which nothing is known', async () => {
    const kafka = '{apiVersion: kafka.strimzi.io/v1, kind: Kafka, metadata: {name: k, namespace: a}, spec: {}}';
    const file = write('kafka.yaml', [pods[0], kafka].join('\n---\n'));
    expect((await run(['reach', '-f', file, '--matrix'])).stderr).toContain(
      'note: 1 object of kinds that are not read, and may have Pods: 1 kafka.strimzi.io/v1 Kafka\n',
    );
  });

  it('is nothing in files that say everything', async () => {
    expect((await run(['reach', '-f', example, '--matrix', '--strict'])).code).toBe(0);
  });
});

describe('what cannot be read', () => {
  const good = '{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: a}}\n';
  const broken = write('unreadable.yaml', `${good}---\napiVersion: v1\nkind: Pod\nmetadata: {name: q, labels: 7}\n`);
  const text = write('no-yaml.yaml', 'a: [1\n');
  const allowed = write('unreadable.exp', 'allow: [{from: a/p, to: 10.0.0.1, port: 80}]\n');
  const flow = ['--from', 'a/p', '--to', '10.0.0.1', '--port', '80'];
  const parts = ['unreadable.yaml:5:21: Pod default/q: metadata.labels is not an object', 'no-yaml.yaml:2:1: not YAML'];

  it.each<[string, readonly string[]]>([
    ['reach', ['reach', '-f', broken, text, ...flow]],
    ['assert', ['assert', '-f', broken, text, allowed]],
  ])('ends %s with 2, or is a note with --ignore-unreadable, which --strict fails', async (_, args) => {
    expect((await run(args)).code).toBe(2);
    const { code, stderr } = await run([...args, '--ignore-unreadable']);
    expect(code).toBe(0);
    for (const part of parts) expect(stderr).toContain(`note: left out, because it cannot be read: ${folder}/${part}`);
    expect((await run([...args, '--ignore-unreadable', '--strict'])).code).toBe(1);
  });

  it.each<[string, readonly string[]]>([
    ['an answer', ['reach', '-f', broken, ...flow, '-o', 'json']],
    ['a table', ['reach', '-f', broken, '--matrix', '-o', 'csv']],
    ['expectations', ['assert', '-f', broken, allowed, '-o', 'json']],
    ['a suite', ['assert', '-f', broken, allowed, '-o', 'junit']],
    ['a difference', ['diff', broken, broken, '-o', 'json']],
  ])('is in %s', async (_, args) => {
    const { stdout } = await run([...args, '--ignore-unreadable']);
    expect(stdout).toContain('left out, because it cannot be read');
  });
});

describe('what a flow log does not say', () => {
  const ends = ['frontend/web-5d4f8c7b9-x2x7k/web', 'backend/api-5d4f8c7b9-x2x7k/api'] as const;
  const flow = hubbleLine(...ends, 8080);
  const line = (more: object): string => hubbleLine(...ends, 8081, more);
  const event = (more: object): string => JSON.stringify({ node_name: 'one', time: '2026-11-01T10:00:00Z', ...more });
  const udp = { l4: { UDP: { source_port: 40_000, destination_port: 53 } } };
  const maskedPort = { l4: { TCP: { source_port: 40_000, flags: { SYN: true } } } };
  const generic = { from_namespace: 'frontend', from_labels: {}, to_namespace: 'backend', protocol: 'TCP', port: 1 };
  const manifests = ['namespaces.yaml', 'workloads.yaml'].map((name) => join(example, name));
  const plan = (log: string, ...args: readonly string[]) =>
    runCommand(
      [planCommand(readEnvironment({}))],
      ['plan', 'backend', '-f', ...manifests, '--observed', write('flows.jsonl', `${log}\n`), ...args],
    );

  it.each<[string, string, string]>([
    ['malformed lines', 'no flow\n{', '2 lines of the log are no JSON object'],
    ['lost events', event({ lost_events: { num_events_lost: '1049' } }), '1049 events of the log are lost'],
    [
      'a node that was away',
      event({ node_status: { state_change: 'NODE_UNAVAILABLE', node_names: ['two'] } }),
      'a hole in the log: The node two was not available to Hubble for some time',
    ],
    ['objects of no known kind', '{"jsonPayload":{},"policies":[]}', 'left out: lines of no known kind (1)'],
    [
      'packets without a direction',
      line({ ...udp, is_reply: undefined, traffic_direction: undefined }),
      'left out: UDP without a direction (1)',
    ],
    ['lines without a port', line(maskedPort), 'left out: lines without a destination port (1)'],
  ])('fails --strict: %s', async (_, more, message) => {
    const log = `${flow}\n${more}`;
    expect(await plan(log)).toMatchObject({ code: 0, stdout: expect.stringContaining(message), stderr: '' });
    const strict = await plan(log, '--strict');
    expect([strict.code, strict.stderr.split('\n')]).toEqual([1, expect.arrayContaining([`note: ${message}`])]);
    const { stdout, stderr } = await plan(log, '-o', 'json');
    const { notes } = JSON.parse(stdout) as { readonly notes: readonly object[] };
    expect(notes).toContainEqual(expect.objectContaining({ message, overlooked: true }));
    expect(stderr).toContain(`note: ${message}\n`);
  });

  it('fails --strict: fields that no line has', async () => {
    const unlabelled = { namespace: 'frontend', pod_name: 'web-5d4f8c7b9-x2x7k' };
    const { code, stderr } = await plan(
      line({ source: unlabelled, destination: { ...unlabelled, namespace: 'backend' } }),
      '--strict',
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('note: not decided: no line had labels\n')]);
  });

  it('fails --strict of --all, and is among its notes', async () => {
    const log = write('all.jsonl', `${flow}\nno flow\n`);
    const args = ['plan', '--all', '-f', ...manifests, '--observed', log];
    const all = (...more: readonly string[]) =>
      runCommand([planCommand(readEnvironment({}))], [...args, '-o', 'json', ...more]);
    const { code, stdout } = await all();
    const { notes } = JSON.parse(stdout) as { readonly notes: readonly object[] };
    expect(code).toBe(0);
    expect(notes).toContainEqual(expect.objectContaining({ message: '1 line of the log is no JSON object' }));
    expect((await all('--strict')).code).toBe(1);
  });

  it('fails --strict: a verdict that the generic form does not have', async () => {
    const first = '2026-11-01T10:00:00Z';
    const log = [{ first }, { first, verdict: 'perhaps' }].map((more) => JSON.stringify({ ...generic, ...more }));
    expect((await plan(log[0] ?? '', '--strict')).code).toBe(0);
    const { code, stderr } = await plan(log.join('\n'), '--strict');
    expect([code, stderr]).toEqual([1, expect.stringContaining('note: left out: lines with a verdict other than ')]);
  });

  it.each<[string, string]>([
    ['the same flow, as the other node saw it', line({ traffic_direction: 'INGRESS', node_name: 'two' })],
    ['a reply', line({ is_reply: true })],
    ['what a proxy writes as well', line({ Type: 'L7', l7: { type: 'REQUEST' } })],
    ['addresses before translation', line({ Type: 'SOCK' })],
    ['a drop that no policy has decided', line({ verdict: 'DROPPED', drop_reason_desc: 'STALE_OR_UNROUTABLE_IP' })],
    ['a packet amid a connection', line({ is_reply: undefined, l4: { TCP: { destination_port: 8081, flags: {} } } })],
    ['a protocol that no policy can name', line({ l4: { VRRP: { type: 1 } } })],
    ['an event of the agent', event({ agent_event: { type: 'AGENT_STARTED' } })],
  ])('is not, where the law of reading lays a line aside: %s', async (_, more) => {
    expect(await plan(`${flow}\n${more}`, '--strict')).toMatchObject({ code: 0, stderr: '' });
  });
});
