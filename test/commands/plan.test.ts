import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { checkCommand } from '../../src/commands/check.ts';
import { planCommand } from '../../src/commands/plan.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { hubbleLine } from './hubble-line.ts';
import { type Run, runCommand } from './run.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'ringfence-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifests = ['namespaces.yaml', 'workloads.yaml'].flatMap((name) => [
  '-f',
  join(root, 'examples', 'three-tiers', name),
]);
const out = join(folder, 'policies');

function run(...args: readonly string[]): Promise<Run> {
  const environment = readEnvironment({});
  return runCommand([planCommand(environment), checkCommand(environment, '0', 'https://docs.example')], args);
}

/** Every file of a folder, by its path. */
function filesOf(path: string, prefix = ''): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(path, { withFileTypes: true }).flatMap((entry): readonly (readonly [string, string])[] => {
      const name = `${prefix}${entry.name}`;
      return entry.isDirectory()
        ? [...filesOf(join(path, entry.name), `${name}/`)]
        : [[name, readFileSync(join(path, entry.name), 'utf8')]];
    }),
  );
}

function edit(file: string, from: string, to: string): void {
  const path = join(out, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

describe('plan', () => {
  it('says of the three tiers of the article what a fence cuts, and no more', async () => {
    const { stdout, code } = await run(
      'plan',
      'backend',
      '-f',
      join(root, 'examples', 'three-tiers', 'namespaces.yaml'),
      join(root, 'examples', 'three-tiers', 'workloads.yaml'),
    );
    expect(code).toBe(0);
    expect(stdout).toContain('namespace backend: 4 flows: 2 cut, 2 kept');
    expect(stdout).toContain(
      '  backend/deployment/api -> database/statefulset/store TCP/5432 at egress (declared: env STORE_ADDRESS)',
    );
  });

  it('prints what its page shows', async () => {
    const page = readFileSync(join(root, 'docs', 'plan.md'), 'utf8');
    const [, command = '', shown = ''] = /```console\n\$ ringfence (plan .*)\n([^`]*)```/.exec(page) ?? [];
    const { stdout } = await run(...command.split(' '));
    expect(stdout).toBe(shown);
  });

  it('prints data that fits its schema', async () => {
    const log = join(folder, 'hubble.jsonl');
    writeFileSync(
      log,
      [hubbleLine('frontend/web-5d4f8c7b9-x2x7k/web', 'backend/api-5d4f8c7b9-x2x7k/api', 8080), 'cut', ''].join('\n'),
    );
    const { stdout, code } = await run('plan', 'backend', ...manifests, '--observed', log, '-o', 'json');
    expect(code).toBe(0);
    const data = JSON.parse(stdout);
    const schema = JSON.parse(readFileSync(join(root, 'schemas', 'plan.schema.json'), 'utf8'));
    const validate = new Ajv2020({ allErrors: true }).compile(schema);
    expect(validate(data), JSON.stringify(validate.errors)).toBe(true);
    expect(data.observed).toMatchObject({ malformed: 1, lost: 0 });
    expect(data.flows).toHaveLength(1);
    expect(data.flows[0]).toMatchObject({
      from: { kind: 'workload', namespace: 'frontend', workload: 'deployment/web' },
      to: { kind: 'workload', namespace: 'backend', workload: 'deployment/api' },
      seen: true,
      declared: true,
      fate: 'cut',
      side: 'ingress',
    });
    expect(data.policies).toEqual(['allow-api-ingress']);
    const all = await run('plan', '--all', ...manifests, '-o', 'json');
    expect(JSON.parse(all.stdout).order).toHaveLength(3);
  });

  it.each([
    [['plan', 'nowhere'], 'there is no namespace nowhere here'],
    [['plan', 'kube-system'], 'belongs to Kubernetes'],
    [['plan', '--all', 'backend'], '--all is about every namespace'],
    [['plan', 'backend', '--verify', folder], '--verify reads the namespaces from plan.json'],
  ])('refuses %j', async (args, message) => {
    const { stderr, code } = await run(...args, ...manifests);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('the files of a plan', () => {
  beforeEach(async () => {
    rmSync(out, { recursive: true, force: true });
    for (const name of ['frontend', 'backend', 'database'])
      expect((await run('plan', name, ...manifests, '--write', out)).code).toBe(0);
  });

  it('are one for a workload and direction, with a text for the team and the record', () => {
    expect([...filesOf(out).keys()].sort((a, b) => (a < b ? -1 : 1))).toEqual([
      'backend/allow-api-egress.yaml',
      'backend/allow-api-ingress.yaml',
      'database/allow-store-ingress.yaml',
      'frontend/allow-web-egress.yaml',
      'frontend/allow-web-ingress.yaml',
      'plan.json',
      'pull-request-backend-platform.md',
      'pull-request-database-platform.md',
      'pull-request-frontend-platform.md',
    ]);
  });

  it('are the same after a second run, also with them among the manifests', async () => {
    const first = filesOf(out);
    for (const name of ['frontend', 'backend', 'database']) {
      await run('plan', name, ...manifests, '--write', out);
      const own = filesOf(out);
      expect(own).toEqual(first);
    }
    const again = await run('plan', 'frontend', ...manifests, '-f', out, '--write', out);
    expect(again.code).toBe(0);
    const strip = (files: ReadonlyMap<string, string>) =>
      [...files].map(([name, text]) => [name, text.replace(/^# Manifests: .*$/m, '')]);
    expect(strip(filesOf(out))).toEqual(strip(first));
  });

  it('pass our own check', async () => {
    const { stdout, code } = await run('check', out, ...manifests.filter((one) => one !== '-f'), '--strict');
    expect(stdout).toContain('none would be refused');
    expect(code).toBe(0);
  });

  it('go when a plan no longer needs them, unless somebody has made them their own', async () => {
    const small = join(folder, 'small');
    cpSync(join(root, 'examples', 'three-tiers'), small, { recursive: true });
    rmSync(join(small, 'network-policies.yaml'), { force: true });
    const workloads = readFileSync(join(small, 'workloads.yaml'), 'utf8');
    writeFileSync(join(small, 'workloads.yaml'), workloads.slice(0, workloads.lastIndexOf('---')));
    rmSync(join(small, 'expectations.yaml'));
    await run('plan', 'frontend', '-f', small, '--write', out);
    expect([...filesOf(out).keys()]).not.toContain('frontend/allow-web-ingress.yaml');
    expect([...filesOf(out).keys()]).toContain('backend/allow-api-ingress.yaml');
  });

  const verify = () => run('plan', '--verify', out);

  it('are held to the record', async () => {
    expect(await verify()).toMatchObject({ code: 0, stdout: `${out}: the policies do what plan.json says\n` });
  });

  it.each<[string, () => void, readonly string[]]>([
    [
      'a flow too many',
      () => edit('backend/allow-api-ingress.yaml', '    - from:\n', '    - from:\n        - namespaceSelector: {}\n'),
      [
        'spec is not that of the plan',
        'opened beyond the plan: monitoring/Pods with any labels -> backend/deployment/api TCP/8080',
      ],
    ],
    [
      'a flow too few',
      () => edit('database/allow-store-ingress.yaml', 'port: 5432', 'port: 5433'),
      [
        'spec is not that of the plan',
        'closed beyond the plan: backend/deployment/api -> database/statefulset/store TCP/5432',
        'closed, and the plan needs it: backend/deployment/api -> database/statefulset/store TCP/5432',
      ],
    ],
    [
      'a label',
      () => edit('frontend/allow-web-egress.yaml', 'team: platform', 'team: other'),
      ['label team is "other", and "platform" in the plan'],
    ],
    [
      'a label in a selector',
      () => edit('frontend/allow-web-egress.yaml', 'app: web', 'app: wob'),
      [
        'spec is not that of the plan',
        'closed beyond the plan: frontend/deployment/web -> backend/deployment/api TCP/8080',
      ],
    ],
    [
      'a file that is missing',
      () => rmSync(join(out, 'frontend/allow-web-egress.yaml')),
      ['NetworkPolicy frontend/allow-web-egress of the plan is missing'],
    ],
    [
      'a policy that is not in the plan',
      () =>
        writeFileSync(
          join(out, 'frontend/more.yaml'),
          'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: more, namespace: frontend}\nspec: {podSelector: {}, ingress: [{}]}\n',
        ),
      ['NetworkPolicy frontend/more is not in the plan', 'opened beyond the plan'],
    ],
  ])('differ by %s', async (_, change, expected) => {
    change();
    const { stdout, code } = await verify();
    for (const line of expected) expect(stdout).toContain(line);
    expect(code).toBe(1);
  });

  it('cannot be verified without their record', async () => {
    rmSync(join(out, 'plan.json'));
    const { stderr, code } = await verify();
    expect(stderr).toContain('plan.json: there is no such file');
    expect(code).toBe(2);
  });
});
