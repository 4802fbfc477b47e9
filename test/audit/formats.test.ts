import { describe, expect, it } from 'vitest';
import { auditCsv } from '../../src/audit/csv.ts';
import { auditJunit } from '../../src/audit/junit.ts';
import { auditMarkdown } from '../../src/audit/markdown.ts';
import type { AuditReport } from '../../src/audit/report.ts';
import { fenced, namespace, own, ownedBy, pod, reportOn } from './scene.ts';

const lines = ['finding', 'undecided', 'clean'] as const;
const doctor = lines.map((status) => ({
  examination: `about-${status}`,
  status,
  looked: 'a place',
  found: `found ${status}`,
  means: 'it is wrong',
  remedy: 'correct it',
}));

async function scene(): Promise<AuditReport> {
  const report = await reportOn([
    ...fenced('shop'),
    namespace('bank', { env: '=1+1', tier: 'api', team: '@team' }),
    pod('bank', 'web', { ...own, env: '-2+3' }),
    pod('shop', 'agent', own, ownedBy('Rollout', 'agent', 'argoproj.io/v1')),
    pod('shop', 'port', own, { spec: { containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 81 }] }] } }),
  ]);
  return { ...report, doctor };
}

/** Reads CSV (RFC 4180). */
function cellsOf(csv: string): readonly (readonly string[])[] {
  return csv
    .trimEnd()
    .split('\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, a, b]) =>
        (a ?? b ?? '').replaceAll('""', '"'),
      ),
    );
}

describe('-o csv', () => {
  it('has a row for each finding, and names what is no finding', async () => {
    const report = await scene();
    const [head, ...rows] = cellsOf([...auditCsv(report)].join(''));
    expect(head).toEqual([
      'type',
      'severity',
      'namespace',
      'team',
      'kind',
      'name',
      'check',
      'field',
      'message',
      'remedy',
      'cause',
    ]);
    expect(rows.filter(([type]) => type === 'finding')).toHaveLength(report.findings.length);
    expect(new Set(rows.map(([type]) => type))).toEqual(new Set(['finding', 'not-fenced', 'doctor', 'note']));
    expect(rows.filter(([type, severity]) => type === 'note' && severity === 'overlooked')).toHaveLength(1);
    expect(rows.every((row) => row.length === head?.length)).toBe(true);
  });

  it('has the findings of a namespace object under its name, as the table of namespaces counts them', async () => {
    const report = await scene();
    const [, ...rows] = cellsOf([...auditCsv(report)].join(''));
    const ofBank = rows.filter(([type, severity, name]) => `${type} ${severity} ${name}` === 'finding error bank');
    expect(ofBank).toHaveLength(report.namespaces.find(({ name }) => name === 'bank')?.findings.error ?? -1);
    expect(ofBank.map(([, , , , kind]) => kind)).toContain('Namespace');
  });

  it('keeps what looks like a formula as data', async () => {
    const rows = cellsOf([...auditCsv(await scene())].join(''));
    expect(rows.flat().filter((cell) => /^[=+\-@]/.test(cell))).toEqual([]);
    expect(rows.flat()).toContain("'@team");
  });
});

describe('-o junit', () => {
  it('fails what makes the audit exit with 1, and skips what is not decided', async () => {
    const xml = auditJunit(await scene());
    expect(xml).toMatch(/<testsuite name="ringfence audit" tests="5" failures="2" errors="0" skipped="1">/);
    expect(xml).toMatch(
      /<testcase classname="namespaces" name="Namespace bank" time="0">\n\s*<failure message="\d+ findings"/,
    );
    expect(xml).toContain('hostPort 81 can be reached');
    expect(xml).toContain('overlooked: the pod templates of these kinds are not read');
  });

  it('fails warnings and doubt too with --strict', async () => {
    const xml = auditJunit({ ...(await scene()), strict: true });
    expect(xml).toMatch(/tests="5" failures="4" errors="0" skipped="0"/);
  });
});

describe('-o md', () => {
  it('has a table for each part, and text that is not markup', async () => {
    const text = auditMarkdown(await scene());
    expect([...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title)).toEqual([
      'Audit of 2026-11-29',
      'Teams',
      'Namespaces',
      'What to correct',
      'Doctor',
      'Good to know',
    ]);
    const marked = auditMarkdown(await reportOn([namespace('shop', { env: '<b>|`x`', tier: 'api', team: 'a' })]));
    expect(marked).not.toMatch(/<b>|[^\\]\|`/);
    for (const row of marked.split('\n').filter((line) => line.startsWith('|')))
      expect(row.replaceAll('\\|', '').split('|').length).toBeGreaterThan(5);
  });
});
