import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checks } from '../../../src/policy/checks/index.ts';
import { askAbout, evaluate } from '../../../src/policy/evaluate.ts';
import { fixtures, fixturesOf, subjectOfFixture } from '../fixture.ts';
import { config } from '../minimal.ts';

const enforcing = { mode: 'enforce', source: 'cluster' } as const;
const sources = readdirSync('src/policy/checks').filter((file) => file !== 'index.ts');

describe('every check', () => {
  it('has a file of its id, one line in the index, and the index has no other', () => {
    expect(checks.map((check) => `${check.id}.ts`).sort()).toEqual(sources.sort());
  });

  it('stands in the index in the order of the ids', () => {
    expect(checks.map((check) => check.id)).toEqual(checks.map((check) => check.id).sort());
  });

  it('has fixtures that no other folder name pretends to', () => {
    expect(readdirSync(fixtures).sort()).toEqual(checks.map((check) => check.id).sort());
  });

  it.each(checks)('$id states its rule and remedy as sentences', ({ rule, remedy }) => {
    expect(rule).toMatch(/^[A-Z].*\.$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
  });
});

describe.each(checks)('$id', (check) => {
  for (const verdict of ['pass', 'fail'] as const) {
    const files = existsSync(join(fixtures, check.id, verdict)) ? fixturesOf(check.id, verdict) : [];

    it(`has ${verdict} fixtures`, () => {
      expect(files.length).toBeGreaterThan(0);
    });

    it(`has one ${verdict} fixture that the documentation shows`, () => {
      const shown = files.filter(({ fixture }) => fixture.example === true);
      expect(shown.map(({ written }) => written === '')).toEqual([false]);
    });

    it.each(files)(verdict === 'pass' ? 'passes $file' : 'refuses $file', ({ fixture }) => {
      const subject = subjectOfFixture(fixture);
      const violations = askAbout(subject, checks, config)(check).map(({ field, reason }) => ({ field, reason }));
      expect(violations).toEqual(verdict === 'pass' ? [] : fixture.findings);
    });
  }

  it('has a good example that no check has anything to say of', () => {
    const findings = fixturesOf(check.id, 'pass')
      .filter(({ fixture }) => fixture.example === true)
      .flatMap(({ fixture }) => evaluate(checks, subjectOfFixture(fixture), undefined, enforcing, config).findings);
    expect(findings.map(({ check: id, reason }) => [id, reason])).toEqual([]);
  });
});
