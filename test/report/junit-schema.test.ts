// JUnit reports against the schema of Maven Surefire, by xmlschema (PyPI).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { auditJunit } from '../../src/audit/junit.ts';
import { assertExpectation } from '../../src/reach/assertion.ts';
import { assertionsJunit } from '../../src/reach/assertion-junit.ts';
import { readExpectations } from '../../src/reach/expectations.ts';
import { reportJunit } from '../../src/report/junit.ts';
import { fenced, pod, reportOn } from '../audit/scene.ts';
import { describePrepared } from '../continuous-integration.ts';
import { findPythonTools } from '../python-tools/venv.ts';
import { shop } from '../reach/shop.ts';
import { brokenFiles, reportOf, sample } from './sample.ts';
import { findSurefireSchema } from './surefire.ts';

const hostile = 'a\u0001\uD800\uFFFF"<&]]>\n.yaml';

async function reports(): Promise<readonly string[]> {
  const expectations = 'allow: [{from: front, to: back/api, port: 8080}, {from: nobody, to: back, port: 1}]';
  const note = { id: 'unreadable', message: hostile, objects: [], overlooked: true } as const;
  const assertions = readExpectations(expectations, hostile).map((one) => assertExpectation(one, shop()));
  return [
    reportJunit(await reportOf(sample, { file: hostile, problems: brokenFiles, notes: [hostile] })),
    reportJunit(await reportOf(sample, { strict: true, problems: brokenFiles, ignoreUnreadable: true })),
    reportJunit(await reportOf('')),
    assertionsJunit(assertions, hostile, [note]),
    auditJunit(await reportOn([...fenced('shop'), pod('shop', 'web', {})])),
  ];
}

await describePrepared(
  'the JUnit reports',
  () => Promise.all([findPythonTools(), findSurefireSchema()]),
  'install Python 3 with venv and pip, and Maven',
  ([bin, schema]) => {
    const folder = (): string => {
      const made = mkdtempSync(join(tmpdir(), 'ringfence-junit-'));
      onTestFinished(() => rmSync(made, { recursive: true, force: true }));
      return made;
    };
    const validate = (texts: readonly string[]) => {
      const place = folder();
      const files = texts.map((text, index) => {
        const file = join(place, `${index}.xml`);
        writeFileSync(file, text);
        return file;
      });
      const { status, stdout, stderr } = spawnSync(join(bin, 'xmlschema-validate'), ['--schema', schema, ...files]);
      return { status, output: `${stdout}${stderr}` };
    };

    it('are those of Maven Surefire', async () => {
      expect(validate(await reports())).toMatchObject({ status: 0 });
    });

    it('would be refused with an attribute that Surefire does not have', async () => {
      const [report = ''] = await reports();
      expect(validate([report.replace('time="0"', 'time="0" line="1"')]).status).not.toBe(0);
    });
  },
);
