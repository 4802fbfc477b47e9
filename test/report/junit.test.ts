import { describe, expect, it } from 'vitest';
import { reportJunit } from '../../src/report/junit.ts';
import { brokenFiles, reportOf, sample } from './sample.ts';

describe('the JUnit report', () => {
  it('has a test case for each object, and an error for each file that cannot be read', async () => {
    expect(
      reportJunit(await reportOf(undefined, { problems: brokenFiles, notes: ['the base changes labels'] })),
    ).toBe(`\
<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="ringfence check" tests="7" failures="1" errors="2" skipped="2">
  <properties>
    <property name="note" value="the base changes labels"/>
    <property name="summary" value="5 objects judged (1 exempt), 1 would be refused: 2 findings, 1 warning, 3 not decided, 2 problems; not judged: 1 v1 Service."/>
  </properties>
  <testcase classname="k8s/a b.yaml" name="Namespace shop" time="0"/>
  <testcase classname="k8s/a b.yaml" name="Pod shop/web" time="0">
    <failure message="env &quot;p&lt;r&gt;&amp;d\\u0007\\u000a::x&quot; is not one of prod, staging, dev; team missing; namespace shop says team=shop" type="label-values required-labels">k8s/a b.yaml:13:5: env &quot;p&lt;r&gt;&amp;d\\u0007\\u000a::x&quot; is not one of prod, staging, dev  [label-values]
k8s/a b.yaml:12:3: team missing; namespace shop says team=shop  [required-labels]
Fix, under metadata.labels:
  env: prod
  team: shop</failure>
  </testcase>
  <testcase classname="k8s/a b.yaml" name="Pod nowhere/lost" time="0">
    <skipped message="env not decided: whether &quot;prod&quot; is the namespace's: no Namespace nowhere in the files; use --namespaces FILE"/>
    <system-out>k8s/a b.yaml:22:12: env not decided: whether &quot;prod&quot; is the namespace's: no Namespace nowhere in the files; use --namespaces FILE  [label-agreement]
k8s/a b.yaml:22:23: tier not decided: whether &quot;api&quot; is the namespace's: no Namespace nowhere in the files; use --namespaces FILE  [label-agreement]
k8s/a b.yaml:22:34: team not decided: whether &quot;shop&quot; is the namespace's: no Namespace nowhere in the files; use --namespaces FILE  [label-agreement]</system-out>
  </testcase>
  <testcase classname="k8s/a b.yaml" name="Pod kube-system/dns" time="0">
    <skipped message="exempt"/>
  </testcase>
  <testcase classname="k8s/a b.yaml" name="NetworkPolicy shop/twice" time="0">
    <system-out>k8s/a b.yaml:31:1: spec has no effect: the baseline isolates every Pod of this namespace already  [no-effect]</system-out>
  </testcase>
  <testcase classname="bad.yaml" name="can be read" time="0">
    <error message="not YAML: a &quot;quote&quot; &amp; &lt;tag&gt;" type="unreadable">bad.yaml:3:7: not YAML: a &quot;quote&quot; &amp; &lt;tag&gt;</error>
  </testcase>
  <testcase classname="gone.yaml" name="can be read" time="0">
    <error message="there is no such file or folder" type="unreadable">gone.yaml: there is no such file or folder</error>
  </testcase>
</testsuite>
`);
  });

  it('skips what cannot be read if that is ignored', async () => {
    const xml = reportJunit(await reportOf(undefined, { problems: brokenFiles, ignoreUnreadable: true }));
    expect(xml).toContain('tests="7" failures="1" errors="0" skipped="4"');
    expect(xml).toContain('<skipped message="unreadable: there is no such file or folder"/>');
  });

  it('fails what fails under --strict', async () => {
    expect(reportJunit(await reportOf(undefined, { strict: true }))).toContain(
      'tests="5" failures="3" errors="0" skipped="1"',
    );
  });

  it('holds no character that XML cannot hold', async () => {
    const xml = reportJunit(await reportOf(sample, { file: 'a\u0001\uD800\uFFFF.yaml' }));
    expect(xml).toContain('classname="a\uFFFD\uFFFD\uFFFD.yaml"');
  });
});
