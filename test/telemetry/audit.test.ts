import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditFinding, type AuditRecord, auditLimits, writeAudit } from '../../src/telemetry/audit.ts';

const schema: object = JSON.parse(readFileSync(new URL('../../schemas/audit.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

const finding: AuditFinding = {
  check: 'label-values',
  field: 'metadata.labels.env',
  found: 'prd',
  action: 'deny',
  because: 'cluster',
  reason: '"prd" is not one of prod, staging, dev; did you mean "prod"?',
};
const record: AuditRecord = {
  uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
  operation: 'CREATE',
  resource: 'pods',
  kind: 'Pod',
  namespace: 'shop',
  name: 'web',
  user: 'jane',
  groups: ['developers', 'system:authenticated'],
  mode: 'enforce',
  modeSource: 'cluster',
  configVersion: '7',
  decision: 'denied',
  findings: [finding],
  durationMs: 1.23456,
  dryRun: false,
};

describe('writeAudit', () => {
  it('writes one line that says the decision', () => {
    expect(lineOf(record)).toEqual({
      level: 'info',
      time: expect.any(String),
      ...record,
      durationMs: 1.235,
      msg: 'admission decision',
    });
  });

  it('keeps from a finding what a person would read twice, and everything else of an object', () => {
    const rich = { ...finding, subject: 'env', fix: { key: 'env', value: 'prod' }, object: { secret: 'x' } };
    expect(lineOf({ ...record, findings: [rich] })['findings']).toEqual([finding]);
  });

  it.each<[string, Partial<AuditRecord>, object]>([
    ['what the gate did', { baseline: 'made' }, { baseline: 'made' }],
    [
      'null where nothing was found',
      { findings: [{ ...finding, found: undefined }] },
      { findings: [{ ...finding, found: null }] },
    ],
    [
      'that a check could not decide',
      { findings: [{ ...finding, undecided: true }] },
      { findings: [{ ...finding, undecided: true }] },
    ],
    ['a subresource', { resource: 'pods/status' }, { resource: 'pods/status' }],
    ['nothing for a namespace', { namespace: '', kind: 'Namespace' }, { namespace: '' }],
    [
      'the identity, with null for a label that is not there',
      { identity: { rules: '0123456789abcdef', labels: { env: 'prod', tier: null }, namespace: null } },
      { identity: { rules: '0123456789abcdef', labels: { env: 'prod', tier: null }, namespace: null } },
    ],
    [
      'that the object had the violation before',
      { findings: [{ ...finding, standing: true }] },
      { findings: [{ ...finding, standing: true }] },
    ],
    ['the controller', { controller: 'ReplicaSet/web-7c9' }, { controller: 'ReplicaSet/web-7c9' }],
    ['the ServiceAccount', { serviceAccount: 'agent' }, { serviceAccount: 'agent' }],
    ['a label called __proto__', { findings: [{ ...finding, field: 'metadata.labels.__proto__' }] }, {}],
  ])('says %s', (_, change, expected) => {
    expect(lineOf({ ...record, ...change })).toMatchObject(expected);
  });

  it('bounds every list, and counts what it leaves out', () => {
    const line = lineOf({
      ...record,
      findings: Array.from({ length: 10_000 }, () => finding),
      groups: Array.from({ length: 65 }, (_, index) => `group-${index}`),
    });
    expect(line['findings']).toHaveLength(auditLimits.findings);
    expect(line['omittedFindings']).toBe(9_900);
    expect(line['groups']).toHaveLength(auditLimits.groups);
    expect(line['omittedGroups']).toBe(1);
  });

  it('bounds the identity: 64 labels, none of them long', () => {
    const labels = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key-${index}`, 'x'.repeat(1000)]));
    const identity = { rules: '0123456789abcdef', labels, old: labels, namespace: labels, field: 'x'.repeat(1000) };
    const line = lineOf({ ...record, identity, controller: 'x'.repeat(1000), serviceAccount: 'x'.repeat(1000) });
    const { labels: written } = line['identity'] as { labels: Record<string, string> };
    expect(Object.keys(written)).toHaveLength(auditLimits.identityKeys);
    expect(written['key-0']).toHaveLength(auditLimits.found);
    expect(JSON.stringify(line).length).toBeLessThan(30_000);
  });

  it('bounds every text, and leaves no half character where it cuts', () => {
    const [found] = lineOf({ ...record, findings: [{ ...finding, found: '😀'.repeat(100) }] })['findings'] as [
      AuditFinding,
    ];
    expect(found.found).toHaveLength(auditLimits.found);
    expect(found.found?.endsWith('…')).toBe(true);
    expect(found.found?.isWellFormed()).toBe(true);
  });

  it('writes one valid, bounded line whatever the texts hold', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.constantFrom(
        '__proto__',
        'constructor',
        '\n{"level":"info"}',
        '\u2028',
        '\ud800',
        '\u0000',
        '"\\',
        'x'.repeat(2_000),
      ),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 10, maxLength: 10 }), ([a, b, c, d, e, f, g, h, i, j]) => {
        const hostile = { ...finding, check: a, field: b, found: c, reason: d } as AuditFinding;
        const change = {
          uid: e,
          resource: f,
          kind: g,
          namespace: h,
          name: i,
          user: j,
          groups: [j, a],
          findings: [hostile, hostile],
        };
        return problemsOf(writeLine({ ...record, ...change } as AuditRecord)).length === 0;
      }),
      { numRuns: 100 },
    );
  });
});

/** Returns the audit line of a record, validated by the schema. */
function lineOf(audit: AuditRecord): Record<string, unknown> {
  const text = writeLine(audit);
  expect(problemsOf(text)).toEqual([]);
  return JSON.parse(text) as Record<string, unknown>;
}

function writeLine(audit: AuditRecord): string {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  writeAudit(destination, audit);
  return written.join('');
}

function problemsOf(text: string): readonly unknown[] {
  if (text.indexOf('\n') !== text.length - 1) return ['not one line'];
  // A hundred findings with the longest texts, each character escaped to six, are shorter.
  if (text.length > 1_000_000) return ['too long'];
  return validate(JSON.parse(text)) ? [] : (validate.errors ?? []);
}
