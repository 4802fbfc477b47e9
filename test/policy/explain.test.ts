import { describe, expect, it } from 'vitest';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { explainDenial, explainWarnings } from '../../src/policy/explain.ts';
import type { SubjectKind } from '../../src/policy/subject.ts';
import { config, minimalPod, podLabels, shop, subjectOf } from './minimal.ts';

function denial(kind: SubjectKind, object: unknown, facts: Parameters<typeof subjectOf>[2] = shop): string {
  const subject = subjectOf(kind, object, facts);
  return explainDenial(
    subject,
    evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, config).findings,
    config,
  );
}

describe('a refusal', () => {
  it('says of a Pod what, why, and the fix to copy', () => {
    expect(denial('Pod', minimalPod({ env: 'prd', tier: 'api' }))).toBe(
      `Pod shop/web: 3 labels keep it out
  env     "prd" is not one of prod, staging, dev; did you mean "prod"?  [label-values]
  team    missing; namespace shop says team=shop                        [required-labels]
  expose  missing; "true" if the outside may reach it, else "false"     [required-labels]
Fix, under metadata.labels:
  env: prod
  team: shop
  expose: "false"
With kubectl run: --labels='env=prod,tier=api,team=shop,expose=false'; with kubectl debug --copy-to: --keep-labels`,
    );
  });

  it('gives a Namespace a manifest to paste', () => {
    const object = { metadata: { name: 'shop', labels: { env: 'prod' } } };
    expect(denial('Namespace', object, undefined)).toBe(
      `Namespace shop: 2 labels keep it out
  tier  missing; one of web, api, data, cache  [required-labels]
  team  missing; a DNS label                   [required-labels]
Fix, under metadata.labels:
  tier: <web|api|data|cache>
  team: <a DNS label>
kubectl create namespace takes no labels; apply this instead (Helm: before the release, without --create-namespace;
Argo CD: the labels under syncPolicy.managedNamespaceMetadata):
  apiVersion: v1
  kind: Namespace
  metadata:
    name: shop
    labels:
      env: prod
      tier: <web|api|data|cache>
      team: <a DNS label>`,
    );
  });

  it('says of a template what it says of the Pod, and where', () => {
    const { expose: _, ...labels } = podLabels;
    expect(denial('Deployment', { metadata: { name: 'web' }, spec: { template: { metadata: { labels } } } })).toBe(
      `Deployment shop/web: 1 label of its pod template keeps it out
  expose  missing; "true" if the outside may reach it, else "false"  [required-labels]
Fix, under spec.template.metadata.labels:
  expose: "false"
With Helm: the chart's value for pod labels (often podLabels); with kustomize: labels with includeTemplates: true`,
    );
  });

  it('tells who debugs a node where it works: the Pod takes no labels', () => {
    const text = denial('Pod', {
      metadata: {
        name: 'node-debugger-worker-1.example-x7k2p',
        labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' },
      },
      spec: { hostNetwork: true },
    });
    expect(text).not.toContain('Fix, under');
    expect(text).not.toContain('--keep-labels');
    expect(text.split('\n').at(-1)).toBe(
      'kubectl debug node takes no labels; run it in an exempt namespace: kubectl debug node/worker-1.example -n kube-system',
    );
  });

  it('says when it could not decide', () => {
    expect(denial('Pod', minimalPod(podLabels), { known: false, reason: 'the API server did not answer in 3 s' })).toBe(
      `Pod shop/web: refused, because it could not be decided:
  env   not decided: whether "prod" is the namespace's: the API server did not answer in 3 s  [label-agreement]
  tier  not decided: whether "api" is the namespace's: the API server did not answer in 3 s   [label-agreement]
  team  not decided: whether "shop" is the namespace's: the API server did not answer in 3 s  [label-agreement]`,
    );
  });

  it('counts what is no label as a finding', () => {
    expect(
      denial('Pod', { ...minimalPod(), spec: { hostNetwork: true } })
        .split('\n')
        .slice(0, 2),
    ).toEqual([
      'Pod shop/web: 1 finding keeps it out',
      '  hostNetwork  true puts it outside every NetworkPolicy; namespace shop is fenced  [host-network]',
    ]);
  });

  it('names an object whose name is still to be made by its generateName', () => {
    const object = { ...minimalPod({}), metadata: { generateName: 'web-' } };
    expect(denial('Pod', object)).toMatch(/^Pod shop\/web-\*: 4 labels keep it out\n/);
  });

  it.each(['__proto__', 'constructor', 'toString'])('takes a label named %s as data', (key) => {
    const labels = JSON.parse(
      `{"env":"prod","tier":"api","team":"shop","expose":"false",${JSON.stringify(key)}:"x"}`,
    ) as Record<string, string>;
    expect(
      evaluate(checks, subjectOf('Pod', minimalPod(labels)), undefined, { mode: 'enforce', source: 'cluster' }, config)
        .findings,
    ).toEqual([]);
  });
});

describe('a warning', () => {
  const warn = (name: string, labels: Record<string, string>) => {
    const subject = subjectOf('Pod', { ...minimalPod(labels), metadata: { name, labels } });
    return explainWarnings(
      subject,
      evaluate(checks, subject, undefined, { mode: 'warn', source: 'cluster' }, config).findings,
    );
  };

  it('is one line for each finding', () => {
    expect(warn('web', { ...podLabels, env: 'prd' })).toEqual([
      'Pod shop/web: env "prd" is not one of prod, staging, dev; did you mean "prod"? [label-values]',
    ]);
  });

  it('goes on in a second line where one would be cut', () => {
    const spec = {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '169.254.0.0/16' } }] }],
    };
    const object = { metadata: { name: 'allow-the-nodes-of-all-zones', labels: {} }, spec };
    const subject = subjectOf('NetworkPolicy', object);
    const { findings } = evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, config);
    expect(explainWarnings(subject, findings)).toEqual([
      'NetworkPolicy shop/allow-the-nodes-of-all-zones: egress[0].to[0] holds the metadata service [egress-to-metadata]',
      'NetworkPolicy shop/allow-the-nodes-of-all-zones: egress[0].to[0]: add except: [169.254.169.254/32]',
    ]);
  });

  it('goes on so that both lines read as sentences, and not within a value', () => {
    const bare = subjectOf('Pod', { ...minimalPod(podLabels), metadata: { name: 'w'.repeat(40), labels: podLabels } });
    const quoted = {
      ...minimalPod(),
      metadata: { name: 'web', labels: { ...podLabels, env: `prod; ${'x'.repeat(70)}` } },
    };
    const lines = [
      [bare, { known: true, labels: new Map(), fenced: false }],
      [subjectOf('Pod', quoted), shop],
    ] as const;
    const warnings = lines.map(([subject, facts]) => {
      const { findings } = evaluate(
        checks,
        { ...subject, facts },
        undefined,
        { mode: 'warn', source: 'cluster' },
        config,
      );
      return explainWarnings(subject, findings);
    });
    const long = `Pod shop/${'w'.repeat(40)}`;
    expect(warnings).toEqual([
      [
        `${long}: labels env, tier, team are not on its namespace [unanchored-identity]`,
        `${long}: labels: anyone there may claim any`,
        `${long}: labels: label namespace shop`,
      ],
      [
        `Pod shop/web: env "prod; ${'x'.repeat(70)}" is not … [label-values]`,
        'Pod shop/web: env: did you mean "prod"?',
      ],
    ]);
  });

  it('never loses the id of its check, nor that it was so before', () => {
    const ingress = [
      { from: [{ namespaceSelector: { matchLabels: { 'field.cattle.io/projectId': 'p-'.repeat(30) } } }] },
    ];
    const object = { metadata: { name: 'from-the-project', labels: {} }, spec: { podSelector: {}, ingress } };
    const subject = subjectOf('NetworkPolicy', object);
    for (const before of [undefined, subject]) {
      const { findings } = evaluate(checks, subject, before, { mode: 'enforce', source: 'cluster' }, config);
      const warned = findings.map((finding) => ({ ...finding, action: 'warn' as const }));
      const lines = explainWarnings(subject, warned);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(120);
      for (const { check, because } of warned) {
        const end = `${because === 'ratchet' ? ' (as before)' : ''} [${check}]`;
        expect(lines).toContainEqual(expect.stringMatching(new RegExp(`${RegExp.escape(end)}$`)));
      }
    }
  });

  it('of any length, for any name, is short enough and ends in the id', () => {
    for (const size of [0, 20, 60, 100, 300])
      for (const name of ['web', 'w'.repeat(253)]) {
        const subject = { ...subjectOf('Pod', minimalPod({})), name };
        const finding = {
          check: 'namespace-selector-as-internet',
          field: 'spec',
          subject: 'x'.repeat(size),
          found: '',
        };
        const reason = `${'r'.repeat(size)}; ${'s'.repeat(size)}`;
        const lines = explainWarnings(subject, [{ ...finding, reason, action: 'warn', because: 'ratchet' }]);
        expect(lines[0]).toMatch(/ \(as before\) \[namespace-selector-as-internet\]$/);
        expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120);
      }
  });

  it('never passes the limit of the API server, and keeps both ends of a long name', () => {
    const [line] = warn(`checkout-${'x'.repeat(200)}-v2`, { ...podLabels, env: 'prd' });
    expect(line?.length).toBeLessThanOrEqual(120);
    expect(line).toMatch(/^Pod shop\/checkout.*…x+-v2: env "prd"/);
  });
});
