import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runDesk as run } from './run.ts';

const example = fileURLToPath(new URL('../../examples/three-tiers', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ringfence-desk-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The example has a file of expectations. */
const passedOver = 'note: passed over in the files: 1 no Kubernetes object\n';

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('ringfence reach', () => {
  it('answers from files, with the baseline that every fenced namespace has', async () => {
    const question = ['--from', 'frontend/deploy/web', '--to', 'database', '--port', '5432/TCP'];
    expect((await run(['reach', '-f', example, '--fenced', ...question])).stdout).toMatch(
      /^denied: frontend\/deploy\/web to database on TCP\/5432\n {2}egress: .*frontend\/deny-all-baseline/,
    );
    const { code, stdout } = await run(['reach', '-f', example, ...question]);
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('deny-all-baseline')]);
  });

  it('fences a namespace that no object describes, and says which ones it does not fence', async () => {
    const file = write(
      'undescribed.yaml',
      ['shop', 'default']
        .map((name) => `{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ${name}}}`)
        .join('\n---\n'),
    );
    const { stdout, stderr } = await run([
      'reach',
      '-f',
      file,
      '--fenced',
      '--from',
      'default/p',
      '--to',
      'shop/p',
      '--port',
      '1',
    ]);
    expect(stdout).toMatch(/^denied: .*\n.*\n {2}ingress: shop\/p is isolated by shop\/deny-all-baseline/);
    expect(stderr).toContain('note: --fenced does not fence default: exempt, or built-in and not fenced yet\n');
  });

  it('takes the baseline of a namespace with the mark as a fact', async () => {
    const marked = write(
      'marked.yaml',
      [
        '{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {ringfence.dev/fence: ""}}}',
        '{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: a}}',
        '{apiVersion: v1, kind: Pod, metadata: {name: q, namespace: b}}',
      ].join('\n---\n'),
    );
    const { code, stdout, stderr } = await run(['reach', '-f', marked, '--matrix', '-o', 'csv']);
    expect([code, stdout.split('\n')]).toEqual([
      0,
      [
        'from,to,allowed,undefined,note',
        'any address,b/q,all ports,,',
        'b/q,any address,all ports,,',
        ',,,,no Namespace object for b: assumed to have no label except its name',
        '',
      ],
    ]);
    expect(stderr).toBe('note: no Namespace object for b: assumed to have no label except its name\n');
  });

  it('answers a batch in order, with the errors among the answers', async () => {
    const queries = [
      '{"id":1,"from":"backend/deployment/api","to":"database/statefulset/store","port":5432}',
      '{"id":2}',
    ];
    const { code, stdout, stderr } = await run([
      'reach',
      '-f',
      example,
      '--queries',
      write('q.jsonl', queries.join('\n')),
      '-o',
      'jsonl',
    ]);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(answers).toEqual([
      expect.objectContaining({ id: 1, verdict: 'allowed' }),
      { id: 2, error: '"from" is not a text such as namespace/pod or an IP' },
    ]);
    expect([code, stderr]).toEqual([
      0,
      `${passedOver}note: 1 of 2 queries could not be answered; each says why under "error"\n`,
    ]);
  });

  it('does not answer from policies that it cannot read: it says where they are wrong', async () => {
    const broken = write(
      'broken.yaml',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: deep\nspec:\n  ingress:\n    - form: []\n',
    );
    const { code, stdout, stderr } = await run(['reach', '-f', broken, '--matrix']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `${broken}:7:7: NetworkPolicy default/deep: spec.ingress[0].form is not a field here; the fields are from, ports\n`,
    );
  });

  it('does not say of nothing that everything is denied', async () => {
    const { code, stderr } = await run([
      'reach',
      '-f',
      write('empty.yaml', '{apiVersion: v1, kind: Service, metadata: {name: web}}'),
      '--matrix',
    ]);
    expect([code, stderr]).toEqual([2, 'the input has no Pods and no workloads\n']);
  });

  it.each<[string, readonly string[], string]>([
    ['no question', [], 'choose a question: --from and --to, --matrix, or --queries FILE'],
    ['two questions', ['--matrix', '--from', 'a'], 'use only one of --from and --to, --matrix, and --queries'],
    [
      'an end that is not there',
      ['--from', 'frontend/web'],
      '--from: there is no pod frontend/web here; did you mean frontend/deployment/web?',
    ],
    [
      'a port that is none',
      ['--from', 'frontend', '--port', '80/HTTP'],
      '--port: the protocol "HTTP" is not TCP, UDP, SCTP or ICMP',
    ],
    [
      'a port name that no Pod has',
      ['--to', 'backend/deploy/api', '--port', 'gone'],
      '--port: backend/deployment/api has no port gone',
    ],
    [
      'queries that are not there',
      ['--queries', 'nowhere.jsonl'],
      'nowhere.jsonl: cannot be read: there is no such file',
    ],
  ])('says in a sentence what it cannot do: %s', async (_, args, sentence) => {
    const { code, stderr } = await run(['reach', '-f', example, ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });
});

describe('ringfence assert', () => {
  it("holds the demo's practice", async () => {
    const expectations = join(example, 'expectations.yaml');
    const { code, stdout } = await run(['assert', '--fenced', '-f', example, expectations]);
    expect([stdout, code]).toEqual(['10 held, 0 failed\n', 0]);
  });

  it('exits 1 where a flow is not as expected, and prints it as JUnit too', async () => {
    const expectations = write('e.yaml', 'deny:\n  - {from: frontend, to: backend}\n');
    const { code, stdout } = await run(['assert', expectations, '-f', example]);
    expect([code, stdout.split('\n')[0]]).toEqual([
      1,
      `${expectations}:2: failed: deny frontend to backend on all ports`,
    ]);
    expect((await run(['assert', expectations, '-f', example, '-o', 'junit'])).stdout).toContain('failures="1"');
  });

  it('exits 2 where there is nothing to hold against', async () => {
    const { code, stderr } = await run(['assert', '-f', example]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('name the expectations file last')]);
  });
});

describe('ringfence diff', () => {
  it('exits 0 where nothing changes and 1 where flows are opened', async () => {
    expect((await run(['diff', example, example])).code).toBe(0);
    const { code, stdout } = await run([
      'diff',
      '--fenced',
      example,
      write('nothing.yaml', '{apiVersion: v1, kind: Pod, metadata: {name: p}}'),
    ]);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^opened +default\/p \(new\) +any address +all ports$/m)]);
  });

  it('marks what the rules forbid, in Markdown and in a chart', async () => {
    const open = (namespace: string, direction: string) =>
      `---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: o, namespace: ${namespace}}, spec: {podSelector: {}, ${direction}}}\n`;
    const after = mkdtempSync(join(folder, 'after-'));
    cpSync(example, after, { recursive: true });
    writeFileSync(
      join(after, 'open.yaml'),
      open('frontend', 'policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}]') +
        open('database', 'ingress: [{from: [{namespaceSelector: {}}]}]'),
    );
    const markdown = await run(['diff', example, after, '--fenced', '-o', 'md']);
    expect([markdown.code, markdown.stdout]).toEqual([1, expect.stringMatching(/^### Opens 1, closes 0\n/)]);
    expect(markdown.stdout).toContain(
      '| `frontend/deployment/web` | `database/statefulset/store` | `all ports` | `flow-matrix: opens web -> data` |',
    );
    const chart = await run(['diff', example, after, '--fenced', '-o', 'mermaid']);
    expect([chart.code, chart.stdout]).toEqual([1, expect.stringContaining('n0 ==>|"FORBIDDEN all ports"| n1')]);
    expect((await run(['diff', example, example, '-o', 'md'])).code).toBe(0);
  });
});
