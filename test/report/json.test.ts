import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { reportJson } from '../../src/report/json.ts';
import { reportOf } from './sample.ts';

const validate = new Ajv2020({ strict: true }).compile(
  JSON.parse(readFileSync('schemas/check.schema.json', 'utf8')) as object,
);

describe('the JSON report', () => {
  it('is a list with one entry for each judged object, as the schema has it', async () => {
    const entries: unknown = JSON.parse(reportJson(await reportOf()));
    expect(validate(entries), JSON.stringify(validate.errors)).toBe(true);
    expect(entries).toMatchObject([
      { file: 'k8s/a b.yaml', line: 1, column: 1, kind: 'Namespace', namespace: '', name: 'shop', findings: [] },
      {
        line: 7,
        kind: 'Pod',
        namespace: 'shop',
        name: 'web',
        findings: [
          { check: 'label-values', action: 'deny', field: 'metadata.labels.env', line: 13, column: 5 },
          {
            check: 'required-labels',
            action: 'deny',
            field: 'metadata.labels.team',
            message: 'team missing; namespace shop says team=shop',
            remedy: 'Add the missing labels; in a workload, to its pod template.',
            line: 12,
            column: 3,
            fix: { key: 'team', value: 'shop' },
          },
        ],
      },
      { name: 'lost', findings: [{ undecided: true }, { undecided: true }, { undecided: true }] },
      { name: 'dns', findings: [] },
      { name: 'twice', findings: [{ check: 'no-effect', action: 'warn' }] },
    ]);
  });

  it('is an empty list where there is nothing to judge', async () => {
    expect(reportJson(await reportOf(''))).toBe('[]\n');
  });

  it('would be refused by the schema if an entry lacked a field, or had another', async () => {
    const [entry] = JSON.parse(reportJson(await reportOf())) as [Record<string, unknown>];
    const { line: _, ...without } = entry;
    expect(validate([without])).toBe(false);
    expect(validate([{ ...entry, other: 1 }])).toBe(false);
  });
});
