import { describe, expect, it } from 'vitest';
import { reportGithub } from '../../src/report/github.ts';
import { reportJson } from '../../src/report/json.ts';
import { reportJunit } from '../../src/report/junit.ts';
import { reportText } from '../../src/report/text.ts';
import { reportOf } from './sample.ts';

const shop = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: api, team: shop}}\n';
const pod = (name: string, labels: string) =>
  `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop, labels: {${labels}}}\n`;
const known = 'env: prod, tier: api, team: shop';
const deployment = (name: string) => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec: {template: {metadata: {labels: {${known}}}}}
`;
const unlabelled = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: agent, namespace: bare, labels: {${known}}}
spec:
  podSelector: {matchLabels: {app: agent}}
  ingress:
  - {from: [{podSelector: {matchLabels: {app: p}}}], ports: [{port: 9115}]}
  - {from: [{podSelector: {matchLabels: {app: q}}}], ports: [{port: 9116}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: bare}
`;

describe('the summary', () => {
  it('counts what is wrong in several objects by check and by kind, and has an equal fix once', async () => {
    const text = shop + deployment('a') + deployment('b') + pod('c', known) + pod('d', `${known}, expose: maybe`);
    expect(reportText(await reportOf(text, { file: 'a.yaml' }))).toBe(`\
a.yaml:8:30: Deployment shop/a: expose missing; "true" if the outside may reach it, else "false"  [required-labels]
a.yaml:13:30: Deployment shop/b: expose missing; "true" if the outside may reach it, else "false"  [required-labels]
a.yaml:17:38: Pod shop/c: expose missing; "true" if the outside may reach it, else "false"  [required-labels]
a.yaml:21:81: Pod shop/d: expose "maybe" is not one of true, false  [label-values]
Fix for 2 objects (Deployment 2), under spec.template.metadata.labels:
  expose: "false"
Fix for 2 objects (Pod 2), under metadata.labels:
  expose: "false"
expose missing on 3 objects: Deployment 2, Pod 1  [required-labels]
5 objects judged, 4 would be refused: 4 findings.
`);
  });

  it('counts findings about specifications by their check alone', async () => {
    const open = (name: string) =>
      `---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: shop, labels: {${known}}}\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}\n`;
    const lines = reportText(await reportOf(shop + open('a') + open('b'))).split('\n');
    expect(lines.slice(-4, -2)).toEqual([
      '2 findings on 2 objects: NetworkPolicy 2  [cross-environment]',
      '2 findings on 2 objects: NetworkPolicy 2  [flow-matrix]',
    ]);
  });
});

describe('Pods in a namespace without labels', () => {
  const podIn = (kind: string, name: string, template: string) =>
    `---\napiVersion: ${kind === 'Pod' ? 'v1' : 'apps/v1'}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: old${kind === 'Pod' ? `, labels: ${template}` : ''}}\n${kind === 'Pod' ? '' : `spec: {template: {metadata: {labels: ${template}}}}\n`}`;
  const labels = '{env: prod, tier: api, team: shop, expose: "false"}';
  const text = [
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: old}\n',
    podIn('Pod', 'a', labels),
    podIn('Pod', 'b', labels),
    podIn('Deployment', 'c', labels),
  ].join('');

  it('share one line and one annotation, and programs get every finding', async () => {
    const report = await reportOf(text, { file: 'a.yaml' });
    const lines = reportText(report).split('\n');
    const shared = lines.filter((line) => line.endsWith('[unanchored-identity]') && line.startsWith('a.yaml'));
    expect(shared).toEqual([
      'a.yaml:7:37: Pod old/a: warning: labels env, tier, team are not on its namespace; anyone there may claim any; label namespace old; the same of 2 more: Deployment 1, Pod 1  [unanchored-identity]',
    ]);
    expect(reportGithub(report).match(/^::warning .*title=unanchored-identity/gm)).toHaveLength(1);
    const { findings } = JSON.parse(reportJson(report)) as { findings: { check: string }[] };
    expect(findings.filter(({ check }) => check === 'unanchored-identity')).toHaveLength(3);
  });
});

describe('a namespace without labels', () => {
  it('comes first, counts what follows from it, and is one line of each object in it', async () => {
    expect(reportText(await reportOf(unlabelled, { file: 'a.yaml' }))).toBe(`\
a.yaml:12:1: Namespace bare: labels env, tier, team are missing  [required-labels]
  4 findings follow from it: NetworkPolicy 1
  Fix, under metadata.labels:
    env: <prod|staging|dev>
    tier: <web|api|data|cache>
    team: <a DNS label>
a.yaml:7:13: NetworkPolicy bare/agent: namespace bare has no env, tier, team, so its Pods may be any; label the namespace; 4 findings follow from it  [cross-environment, flow-matrix]
2 objects judged, 2 would be refused: 7 findings.
`);
  });

  it('is one annotation and one line of a failure, and programs get every finding with its cause', async () => {
    const report = await reportOf(unlabelled, { file: 'a.yaml' });
    expect(reportGithub(report).match(/^::error /gm)).toHaveLength(2);
    expect(reportJunit(report)).toContain('type="cross-environment flow-matrix">a.yaml:7:13: namespace bare has no');
    const { findings } = JSON.parse(reportJson(report)) as {
      findings: { check: string; cause: string; kind: string }[];
    };
    const policies = findings.filter(({ kind }) => kind === 'NetworkPolicy');
    expect(policies.map(({ check, cause }) => `${check}: ${cause.slice(0, 25)}`)).toEqual([
      'cross-environment: namespace bare has no env',
      'cross-environment: namespace bare has no env',
      'flow-matrix: namespace bare has no env',
      'flow-matrix: namespace bare has no env',
    ]);
  });
});
