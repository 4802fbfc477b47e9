import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { reportJson } from '../../src/report/json.ts';
import { reportOf } from './sample.ts';

const validate = new Ajv2020({ strict: true }).compile(
  JSON.parse(readFileSync('schemas/check.schema.json', 'utf8')) as object,
);

describe('the JSON report', () => {
  it('has findings, counts, notes and what was left out, as the schema has it', async () => {
    const problems = [
      { file: 'b.yaml', line: 2, column: 1, message: 'not YAML' },
      { file: 'c.yaml', line: undefined, column: undefined, message: 'gone' },
    ];
    const notes = ['a note'];
    const report = { ...(await reportOf(undefined, { problems, notes, skipped: ['host-network'] })) };
    const known = { file: 'known.json', count: 3, gone: 1 };
    const answer: unknown = JSON.parse(reportJson({ ...report, known }));
    expect(validate(answer), JSON.stringify(validate.errors)).toBe(true);
    const lost = { name: 'lost', undecided: true };
    const web = { file: 'k8s/a b.yaml', kind: 'Pod', namespace: 'shop', name: 'web', action: 'deny' };
    expect(answer).toMatchObject({
      findings: [
        { ...web, check: 'label-values', field: 'metadata.labels.env', line: 13, column: 5 },
        {
          ...web,
          check: 'required-labels',
          field: 'metadata.labels.team',
          message: 'team missing; namespace shop says team=shop',
          remedy: 'Add the missing labels; in a workload, to its pod template.',
          line: 12,
          column: 3,
          fix: { key: 'team', value: 'shop' },
        },
        lost,
        lost,
        lost,
        { name: 'twice', check: 'no-effect', action: 'warn' },
      ],
      summary: {
        text: expect.stringMatching(/^5 objects judged \(1 exempt\), 1 would be refused: 2 findings, 1 warning, 3 not/),
        objects: 5,
        exempt: 1,
        failing: 1,
        errors: 2,
        warnings: 1,
        undecided: 3,
        recorded: 0,
      },
      notes,
      problems: [
        { file: 'b.yaml', line: 2 },
        { file: 'c.yaml', message: 'gone' },
      ],
      passedOver: { 'v1 Service': 1 },
      skipped: ['host-network'],
      known,
    });
  });

  it('says so where there is nothing to judge', async () => {
    expect(JSON.parse(reportJson(await reportOf('')))).toMatchObject({
      findings: [],
      summary: { text: 'no object judged.', objects: 0 },
    });
  });

  it('would be refused by the schema if a finding lacked a field, or had another', async () => {
    const answer = JSON.parse(reportJson(await reportOf())) as { findings: [Record<string, unknown>] };
    const [finding] = answer.findings;
    const { line: _, ...without } = finding;
    expect(validate({ ...answer, findings: [without] })).toBe(false);
    expect(validate({ ...answer, findings: [{ ...finding, other: 1 }] })).toBe(false);
    expect(validate({ ...answer, other: 1 })).toBe(false);
  });
});
