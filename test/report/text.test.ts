import { describe, expect, it } from 'vitest';
import { reportText } from '../../src/report/text.ts';
import { brokenFiles, reportOf } from './sample.ts';

describe('the text report', () => {
  it('has a line for each finding, the fix once for each object, and a summary', async () => {
    expect(reportText(await reportOf())).toBe(`\
k8s/a b.yaml:13:5: Pod shop/web: env "p<r>&d\\u0007\\u000a::x" is not one of prod, staging, dev  [label-values]
k8s/a b.yaml:12:3: Pod shop/web: team missing; namespace shop says team=shop  [required-labels]
  Fix, under metadata.labels:
    env: prod
    team: shop
k8s/a b.yaml:22:12: Pod nowhere/lost: env not decided: whether "prod" is the namespace's: no Namespace nowhere in the files; use --namespaces FILE  [label-agreement]
k8s/a b.yaml:22:23: Pod nowhere/lost: tier not decided: whether "api" is the namespace's: no Namespace nowhere in the files; use --namespaces FILE  [label-agreement]
k8s/a b.yaml:22:34: Pod nowhere/lost: team not decided: whether "shop" is the namespace's: no Namespace nowhere in the files; use --namespaces FILE  [label-agreement]
k8s/a b.yaml:31:1: NetworkPolicy shop/twice: warning: spec has no effect: the baseline isolates every Pod of this namespace already  [no-effect]
5 objects judged (1 exempt), 1 would be refused: 2 findings, 1 warning, 3 not decided; not judged: 1 v1 Service.
`);
  });

  it('says in one line that all is well', async () => {
    const text = '{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {env: dev, tier: web, team: x}}}';
    expect(reportText(await reportOf(text))).toBe('1 object judged, none would be refused.\n');
    expect(reportText(await reportOf(''))).toBe('no object judged.\n');
  });

  it('counts problems, and what fails under --strict', async () => {
    const report = await reportOf(undefined, { strict: true, problems: brokenFiles });
    expect(reportText(report).split('\n').at(-2)).toBe(
      '5 objects judged (1 exempt), 3 would fail: 2 findings, 1 warning, 3 not decided, 2 problems; not judged: 1 v1 Service.',
    );
  });
});
