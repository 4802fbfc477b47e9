import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { checks } from '../../src/policy/checks/index.ts';
import { reportSarif } from '../../src/report/sarif.ts';
import { brokenFiles, reportOf } from './sample.ts';

// The parts of the SARIF 2.1.0 schema (OASIS) that a log of Ringfence uses, with
// additionalProperties: false as in the standard.
const closed = (required: readonly string[], properties: object) =>
  ({ type: 'object', additionalProperties: false, required, properties }) as const;
const text = { type: 'string' } as const;
const message = closed(['text'], { text: { type: 'string', minLength: 1 } });
const level = { enum: ['none', 'note', 'warning', 'error'] } as const;
const location = closed(['physicalLocation'], {
  physicalLocation: closed(['artifactLocation'], {
    artifactLocation: closed(['uri'], { uri: { type: 'string', pattern: '^[!#-;=?-Z_a-z~%]+$' } }),
    region: closed(['startLine'], {
      startLine: { type: 'integer', minimum: 1 },
      startColumn: { type: 'integer', minimum: 1 },
    }),
  }),
  logicalLocations: { type: 'array', uniqueItems: true, items: closed([], { name: text, fullyQualifiedName: text }) },
});
const sarif = closed(['version', 'runs'], {
  $schema: { type: 'string', pattern: '^https://' },
  version: { const: '2.1.0' },
  runs: {
    type: 'array',
    items: closed(['tool', 'results'], {
      tool: closed(['driver'], {
        driver: closed(['name'], {
          name: text,
          semanticVersion: text,
          rules: {
            type: 'array',
            uniqueItems: true,
            items: closed(['id'], {
              id: text,
              shortDescription: message,
              help: message,
              defaultConfiguration: closed([], { level }),
            }),
          },
        }),
      }),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      invocations: {
        type: 'array',
        items: closed(['executionSuccessful'], {
          executionSuccessful: { type: 'boolean' },
          toolExecutionNotifications: {
            type: 'array',
            items: closed(['message'], { level, message, locations: { type: 'array', items: location } }),
          },
          ruleConfigurationOverrides: {
            type: 'array',
            uniqueItems: true,
            items: closed(['configuration', 'descriptor'], {
              descriptor: closed([], { id: text, index: { type: 'integer', minimum: 0 } }),
              configuration: closed([], { enabled: { type: 'boolean' }, level }),
            }),
          },
        }),
      },
      results: {
        type: 'array',
        items: closed(['message'], {
          ruleId: text,
          ruleIndex: { type: 'integer', minimum: 0 },
          kind: { enum: ['notApplicable', 'pass', 'fail', 'review', 'open', 'informational'] },
          level,
          baselineState: { enum: ['new', 'unchanged', 'updated', 'absent'] },
          message,
          locations: { type: 'array', items: location },
        }),
      },
    }),
  },
});
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(sarif);

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly invocations: readonly [
        { readonly executionSuccessful: boolean; readonly toolExecutionNotifications: readonly unknown[] },
      ];
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly kind: string;
        readonly level: string;
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
  const log: unknown = JSON.parse(reportSarif(await reportOf(undefined, options)));
  expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
  return (log as Log).runs[0];
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
  });

  it('has known findings as unchanged, and skipped checks as disabled', async () => {
    const report = await reportOf(undefined, { skipped: ['no-effect'] });
    const objects = report.objects.map((object) => ({ ...object, findings: [], known: object.findings }));
    const known = { file: 'known.json', count: 6, gone: 1 };
    const log = JSON.parse(reportSarif({ ...report, objects, known })) as Log;
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
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
});
