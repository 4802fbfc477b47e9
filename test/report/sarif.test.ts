import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { checks } from '../../src/policy/checks/index.ts';
import { reportSarif } from '../../src/report/sarif.ts';
import { describeWithSources, type GoSource } from '../control-plane/go-source.ts';
import { anchorsOf, readPage } from '../docs/page.ts';
import { brokenFiles, reportOf, sample } from './sample.ts';

interface Rule {
  readonly id: string;
  readonly helpUri: string;
  readonly help: { readonly text: string; readonly markdown: string };
  readonly properties: { readonly tags: readonly string[]; readonly 'security-severity': string };
}

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly Rule[] } };
      readonly invocations: readonly [
        { readonly executionSuccessful: boolean; readonly toolExecutionNotifications: readonly unknown[] },
      ];
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly kind: string;
        readonly level: string;
        readonly partialFingerprints: Readonly<Record<string, string>>;
        readonly locations: readonly [
          {
            readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: object };
          },
        ];
      }[];
    },
  ];
}

async function runOf(options?: Parameters<typeof reportOf>[1]) {
  return (JSON.parse(reportSarif(await reportOf(undefined, options))) as Log).runs[0];
}

describe('the SARIF log', () => {
  it('has a rule for every check, and each result names its own', async () => {
    const { tool, results } = await runOf();
    const ids = tool.driver.rules.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(checks.map(({ id }) => id)));
    expect(results.length).toBeGreaterThan(0);
    for (const { ruleId, ruleIndex } of results) expect(ids[ruleIndex]).toBe(ruleId);
  });

  it('has a result for each finding: a level where it fails, none where only a person can tell', async () => {
    const of = async (strict: boolean) =>
      (await runOf({ strict })).results.map(({ kind, level: its }) => `${kind} ${its}`);
    const review = Array(3).fill('review none');
    expect(await of(false)).toEqual(['fail error', 'fail error', ...review, 'fail warning']);
    expect((await of(true)).slice(2, 5)).toEqual(Array(3).fill('fail error'));
  });

  it('names files as URI references', async () => {
    const { results } = await runOf();
    expect(results[0]?.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'k8s/a%20b.yaml' },
      region: { startLine: 13, startColumn: 5 },
    });
    const absolute = await runOf({ file: '/tmp/ä.yaml' });
    expect(absolute.results[0]?.locations[0].physicalLocation.artifactLocation.uri).toBe('file:///tmp/%C3%A4.yaml');
  });

  it('tells of what could not be read, and has the summary', async () => {
    const [invocation] = (await runOf({ problems: brokenFiles })).invocations;
    expect(invocation.executionSuccessful).toBe(false);
    expect(invocation.toolExecutionNotifications).toMatchObject([
      { level: 'error' },
      { level: 'error' },
      { level: 'note', message: { text: expect.stringMatching(/^5 objects judged .* 2 problems/) } },
    ]);
    expect((await runOf()).invocations[0].executionSuccessful).toBe(true);
    const ignored = (await runOf({ problems: brokenFiles, ignoreUnreadable: true })).invocations[0];
    expect(ignored.executionSuccessful).toBe(true);
    expect(ignored.toolExecutionNotifications).toMatchObject([{ level: 'warning' }, { level: 'warning' }, {}]);
  });

  it('counts what was passed over, and has the notes', async () => {
    const [invocation] = (await runOf({ notes: ['the base changes labels'] })).invocations;
    expect(invocation.toolExecutionNotifications).toMatchObject([
      { message: { text: 'the base changes labels' } },
      { message: { text: expect.stringContaining('not judged: 1 v1 Service') } },
    ]);
  });

  it('has known findings as unchanged, and skipped checks as disabled', async () => {
    const report = await reportOf(undefined, { skipped: ['no-effect'] });
    const objects = report.objects.map((object) => ({ ...object, findings: [], known: object.findings }));
    const known = { file: 'known.json', count: 6, gone: 1 };
    const log = JSON.parse(reportSarif({ ...report, objects, known })) as Log;
    const [{ results, invocations, tool }] = log.runs;
    expect(results.map((result) => (result as { baselineState?: string }).baselineState)).toEqual(
      Array(6).fill('unchanged'),
    );
    const [override] = (
      invocations[0] as unknown as { ruleConfigurationOverrides: { descriptor: { index: number } }[] }
    ).ruleConfigurationOverrides;
    expect(override).toMatchObject({ descriptor: { id: 'no-effect' }, configuration: { enabled: false } });
    expect(tool.driver.rules[override?.descriptor.index ?? -1]?.id).toBe('no-effect');
    expect(invocations[0].toolExecutionNotifications.at(-1)).toMatchObject({
      message: {
        text: expect.stringMatching(
          /6 findings stood before \(known\.json\)\. 1 of known\.json no longer found\. Checks/,
        ),
      },
    });
  });

  it('has help for each rule, and how grave it is', async () => {
    const { rules } = (await runOf()).tool.driver;
    const rule = rules.find(({ id }) => id === 'ingress-from-anyone');
    expect(rule).toMatchObject({
      helpUri: 'https://docs.example/ringfence/checks.md#ingress-from-anyone',
      help: {
        text: 'Only Pods labelled expose: "true" are opened to everyone.\n\nWhat to do: Name the peers that may enter, or select only Pods labelled expose: "true".',
        markdown: expect.stringContaining('labelled `expose: "true"` are opened to everyone.\n\n**What to do:** Name'),
      },
      properties: { tags: ['security', 'kubernetes', 'exposure'], 'security-severity': '9.1' },
    });
    const severities = new Map(rules.map(({ id, properties }) => [id, properties['security-severity']]));
    expect([severities.get('flow-matrix'), severities.get('no-effect')]).toEqual(['7.5', '5.0']);
  });

  it('leads from each rule to a heading of the documentation', async () => {
    const { rules } = (await runOf()).tool.driver;
    for (const { helpUri } of rules) {
      const [page = '', anchor = ''] = helpUri.replace('https://docs.example/ringfence', 'docs').split('#');
      expect(anchorsOf(readPage(page).headings), helpUri).toContain(anchor);
    }
  });

  it('has fingerprints that stay if lines move, and differ for equal findings', async () => {
    const of = async (text: string) => {
      const log = JSON.parse(reportSarif(await reportOf(text))) as Log;
      return log.runs[0].results.map(({ partialFingerprints }) => partialFingerprints);
    };
    const before = await of(sample);
    expect(before[0]).toEqual({
      primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]{64}:1$/),
      'ringfence/v1': before[0]?.['primaryLocationLineHash'],
    });
    expect(await of(`# a comment\n---\n${sample}`)).toEqual(before);
    const twice = (await of(`${sample}---\n${sample}`)).map((all) => all['ringfence/v1'] ?? '');
    expect(new Set(twice).size).toBe(twice.length);
    expect(twice.filter((text) => text.endsWith(':2')).length).toBeGreaterThan(0);
  });

  it('has 5,000 results at most, the gravest, and says how many it leaves out', async () => {
    const report = await reportOf();
    const copies = Array.from({ length: 1_000 }, () => report.objects).flat();
    const log = JSON.parse(reportSarif({ ...report, objects: copies })) as Log;
    const [{ results, invocations }] = log.runs;
    const levels = Map.groupBy(results, ({ level }) => level);
    expect(['error', 'warning', 'none'].map((level) => levels.get(level)?.length)).toEqual([2_000, 1_000, 2_000]);
    expect(invocations[0].toolExecutionNotifications[0]).toEqual({
      level: 'warning',
      message: {
        text: '1,000 of 6,000 results are left out, the mildest, because services show no more than 5,000; -o json has all of them',
      },
    });
  });
});

const goSarif: GoSource = {
  module: 'github.com/owenrumney/go-sarif/v3',
  version: 'v3.3.1',
  sum: 'h1:bKY8YnWcY8zYTiGVObC5wZLlfEvMkCxK9XMGXBbzEtQ=',
  files: ['pkg/report/v210/sarif/schema.go'],
};

/**
 * The schema of OASIS, which go-sarif has as a text. Draft 4 of JSON Schema needs no more than
 * another name for `id`.
 */
function readSchema(folder: string): object {
  const [, text = ''] = readFileSync(join(folder, goSarif.files[0] ?? ''), 'utf8').split('`');
  const { id: $id, $schema: _, ...schema } = JSON.parse(text) as Record<string, unknown>;
  return { $id, ...schema };
}

await describeWithSources('the schema of OASIS', [goSarif], ([folder = '']) => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat('uri', URL.canParse);
  ajv.addFormat('uri-reference', /^[!#-;=?-Z_a-z~%]+$/);
  ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)));
  const validate = ajv.compile(readSchema(folder));

  it('accepts every log', async () => {
    const report = await reportOf();
    const known = { file: 'known.json', count: 6, gone: 1 };
    const before = report.objects.map((object) => ({ ...object, findings: [], known: object.findings }));
    const logs = [
      report,
      await reportOf(sample, { strict: true, problems: brokenFiles, notes: ['a note'], skipped: ['no-effect'] }),
      await reportOf(sample, { file: '/tmp/ä "<x>.yaml', problems: brokenFiles, ignoreUnreadable: true }),
      await reportOf(''),
      { ...report, objects: before, known },
      { ...report, objects: Array.from({ length: 1_000 }, () => report.objects).flat() },
    ];
    for (const log of logs) {
      validate(JSON.parse(reportSarif(log)));
      expect(validate.errors).toBe(null);
    }
  });

  it('refuses a log with another field', async () => {
    const log = JSON.parse(reportSarif(await reportOf())) as Record<string, unknown>;
    expect(validate({ ...log, other: 1 })).toBe(false);
  });
});
