import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { replayCommand } from '../../src/commands/replay.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import type { ConfigFile } from '../../src/config/schema.ts';
import type { Replay } from '../../src/history/replay.ts';
import { networkPolicy, pod, podLabels, request } from '../admission/scene.ts';
import { configOf, lineOf } from '../history/admissions.ts';
import { type Run, runCommand } from './run.ts';

const schema: object = JSON.parse(readFileSync(new URL('../../schemas/replay.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const folder = mkdtempSync(join(tmpdir(), 'replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const config = (name: string, file: Partial<ConfigFile>): string =>
  put(name, JSON.stringify({ apiVersion: 'ringfence.dev/v1alpha1', kind: 'Configuration', ...file }));

const namespace = { env: 'prod', tier: 'api', team: 'shop' };
const then = configOf({ mode: 'warn' });

/** The line of a Pod with these labels more, at a minute of the day. */
async function podLine(minute: number, labels: Record<string, string>, more: object = {}, as = then): Promise<string> {
  const admitted = request('Pod', pod({ ...podLabels, ...labels }), more);
  return at(minute, await lineOf(admitted, { namespace }, as));
}

function at(minute: number, line: string): string {
  const time = new Date(Date.UTC(2026, 10, 22, 0, minute)).toISOString();
  return line.replace(/"time":"[^"]*"/, `"time":"${time}"`);
}

const run = (...args: string[]): Promise<Run> => runCommand([replayCommand(readEnvironment({}))], ['replay', ...args]);

async function replayed(
  ...args: string[]
): Promise<{ readonly result: Replay & { log: object }; readonly code: unknown }> {
  const { stdout, stderr, code } = await run(...args, '-o', 'json');
  expect(stderr).toBe('');
  const result: unknown = JSON.parse(stdout);
  expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
  return { result: result as Replay & { log: object }, code };
}

const log = put(
  'week.log',
  [
    '{"level":"info","time":"2026-11-22T00:00:00.000Z","port":8443,"msg":"serving"}\n',
    await podLine(1, {}),
    `[pod/ringfence-1/ringfence] ${await podLine(2, { sensitivity: 'low' })}`,
    await podLine(3, { sensitivity: 'low' }, { userInfo: { username: 'ci' } }),
    await podLine(4, { env: 'prd' }, {}, configOf({ mode: 'enforce' })),
    await podLine(5, { expose: 'yes' }),
    await podLine(200, { expose: 'yes' }, { dryRun: true }),
  ].join(''),
);

describe('replay', () => {
  const file = config('new.yaml', {
    mode: 'enforce',
    taxonomy: {
      env: { values: ['prod', 'prd'], agrees: false },
      sensitivity: { values: ['high', 'medium'], agrees: false },
    },
  });

  it('finds what would be refused, what no longer would, by whom, and leaves dry runs out', async () => {
    const { result, code } = await replayed('--config', file, log);
    expect(code).toBe(1);
    expect(result.log).toMatchObject({
      audits: 6,
      dryRuns: 1,
      others: 1,
      unreadable: 0,
      window: { first: '2026-11-22T00:01:00.000Z', last: '2026-11-22T03:20:00.000Z' },
      starts: ['2026-11-22T00:00:00.000Z'],
      pods: ['ringfence-1'],
      silences: [{ from: '2026-11-22T00:05Z', to: '2026-11-22T03:20Z', hours: 3.3 }],
    });
    const { refused, admitted, warned, silent } = result.changes;
    expect(refused).toMatchObject({
      lines: 3,
      causes: [
        {
          check: 'label-values',
          subject: 'sensitivity',
          found: 'low',
          reason: '"low" is not one of high, medium',
          lines: 2,
          first: '2026-11-22T00:02:00.000Z',
          last: '2026-11-22T00:03:00.000Z',
          users: [
            { name: 'dev', lines: 1 },
            { name: 'ci', lines: 1 },
          ],
          namespaces: [{ name: 'shop', lines: 2 }],
        },
        { check: 'label-values', subject: 'expose', found: 'yes', lines: 1 },
      ],
    });
    expect(admitted).toMatchObject({ lines: 1, causes: [{ check: 'label-values', subject: 'env', found: 'prd' }] });
    expect([warned.lines, silent.lines, result.undecided.lines, result.unchanged]).toEqual([0, 0, 0, 1]);
    expect(result.holes).toEqual(['no line from 2026-11-22T00:05Z to 2026-11-22T03:20Z (3.3 hours)']);
  });

  it('says the same as text', async () => {
    const { stdout, code } = await run('--config', file, log);
    expect(code).toBe(1);
    expect(
      stdout,
    ).toBe(`6 audit lines from 2026-11-22T00:01:00.000Z to 2026-11-22T03:20:00.000Z; 1 of them a dry run, left out; 1 other line of the log skipped

would be refused, and were not: 3
        2  sensitivity=low  "low" is not one of high, medium  [label-values]
           2026-11-22T00:02:00.000Z to 2026-11-22T00:03:00.000Z
           by dev (1), ci (1); in shop (2); Pod (2)
           e.g. CREATE of Pod shop/web by dev at 2026-11-22T00:02:00.000Z
           do: Use one of the values that the message lists.
        1  expose=yes  "yes" is not one of true, false  [label-values]
           2026-11-22T00:05:00.000Z
           by dev (1); in shop (1); Pod (1)
           e.g. CREATE of Pod shop/web by dev at 2026-11-22T00:05:00.000Z
           do: Use one of the values that the message lists.

would be admitted, and were refused: 1
        1  env=prd  "prd" is not one of prod, staging, dev; did you mean "prod"?  [label-values]
           2026-11-22T00:04:00.000Z
           by dev (1); in shop (1); Pod (1)
           e.g. CREATE of Pod shop/web by dev at 2026-11-22T00:04:00.000Z
           do: Use one of the values that the message lists.

NOT KNOWN  no line from 2026-11-22T00:05Z to 2026-11-22T03:20Z (3.3 hours)
3 newly refused, 1 no longer refused, 0 newly warned about, 0 no longer warned about, 0 not decided, 1 as before.
`);
  });

  it('takes another mode, and files that are packed', async () => {
    const packed = put('week.gz', gzipSync(readFileSync(log)));
    const same = config('same.yaml', { mode: 'warn' });
    const { result, code } = await replayed('--config', same, '--mode', 'observe', packed);
    expect(code).toBe(1);
    expect(result.changes).toMatchObject({ refused: { lines: 0 }, admitted: { lines: 1 }, silent: { lines: 1 } });
  });

  it('exits with 0 if nothing changes', async () => {
    const one = put('one.log', await podLine(1, {}));
    expect((await run('--config', file, one)).code).toBe(0);
  });
});

describe('what a line does not decide is named', () => {
  const widened = config('key.yaml', { mode: 'enforce', taxonomy: { cost: { values: ['a'], agrees: false } } });

  it('a label that nobody asked for then', async () => {
    const one = put('one.log', await podLine(1, {}));
    const { result, code } = await replayed('--config', widened, one);
    expect(code).toBe(0);
    expect(result.undecided).toMatchObject({
      lines: 1,
      causes: [
        {
          subject: 'cost',
          reason:
            'not decided: label cost; the line does not have it, because the configuration of then did not name it',
        },
      ],
    });
    expect((await run('--config', widened, '--strict', one)).code).toBe(1);
    expect((await run('--config', widened, one)).stdout).toContain('not decided: 1\n        1  label cost; the line');
  });

  it('what a NetworkPolicy opens under other rules; under the same rules it is kept', async () => {
    const spec = { ingress: [{}] };
    const policy = await lineOf(request('NetworkPolicy', networkPolicy('x', namespace, spec)), { namespace }, then);
    const one = put('policy.log', policy);
    const other = config('other.yaml', { mode: 'enforce', taxonomy: { env: { values: ['prod'], agrees: true } } });
    expect((await replayed('--config', other, one)).result.undecided.lines).toBe(1);
    const same = config('same.yaml', { mode: 'enforce' });
    const { result } = await replayed('--config', same, one);
    expect(result.undecided.lines).toBe(0);
    expect(result.changes.refused.causes.map(({ subject }) => subject)).toContain('spec.ingress[0]');
  });

  it('a line of an earlier release', async () => {
    const { identity: _, ...old } = JSON.parse(await podLine(1, {})) as Record<string, unknown>;
    const one = put('old.log', `${JSON.stringify(old)}\n`);
    const { result } = await replayed('--config', config('same.yaml', { mode: 'enforce' }), one);
    expect(result.undecided.causes.map(({ reason }) => reason)).toEqual([
      'not decided: the line has no identity: no check judged it, or an earlier release wrote it',
    ]);
  });

  it('requests without findings, of which audit: {log: findings} writes no line; and cut lines', async () => {
    const line = await podLine(5, { expose: 'yes' });
    const one = put('found.log', `${line}${line.slice(0, 100)}${line.slice(-40)}`);
    const same = config('same.yaml', { mode: 'warn' });
    const { result } = await replayed('--config', same, one);
    expect(result.holes).toEqual([
      'no line is about a request without findings: with audit: {log: findings} there are none, so what would be refused of those requests is not known',
      `1 audit line could not be read; the first: ${one}:2: is cut, or not JSON`,
    ]);
    expect((await run('--config', same, one)).code).toBe(0);
    expect((await run('--config', same, '--strict', one)).code).toBe(1);
  });
});

describe('replay cannot run', () => {
  it.each<[string, string[], RegExp]>([
    ['without a log', ['--config', config('c.yaml', {}), join(folder, 'none.log')], /none\.log: there is no such file/],
    [
      'on a log of something else',
      ['--config', config('c.yaml', {}), put('x.log', 'hello\n')],
      /there is no audit line/,
    ],
    ['with a wrong configuration', ['--config', config('w.yaml', { mode: 'loud' as 'warn' }), log], /mode/],
  ])('%s', async (_, args, message) => {
    const { stdout, stderr, code } = await run(...args);
    expect([stdout, code]).toEqual(['', 2]);
    expect(stderr).toMatch(message);
  });
});
