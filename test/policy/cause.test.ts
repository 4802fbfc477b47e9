import { describe, expect, it } from 'vitest';
import { tell } from '../../src/policy/cause.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { explainDenial, explainWarnings } from '../../src/policy/explain.ts';
import type { Mode } from '../../src/policy/mode.ts';
import type { NamespaceFacts } from '../../src/policy/subject.ts';
import { config, shop, subjectOf } from './minimal.ts';

const labels = { env: 'prod', tier: 'api', team: 'shop' };
const from = (app: string, port: number) => ({
  from: [{ podSelector: { matchLabels: { app } } }],
  ports: [{ port }],
});
const namespaceWith = (given: Record<string, string>): NamespaceFacts => ({
  known: true,
  labels: new Map(Object.entries(given)),
  fenced: false,
});

function judge(spec: object, facts: NamespaceFacts = shop, mode: Mode = 'enforce') {
  const subject = subjectOf('NetworkPolicy', { metadata: { name: 'p', labels }, spec }, facts);
  const { findings } = evaluate(checks, subject, undefined, { mode, source: 'cluster' }, config);
  return { subject, findings };
}
const refusal = (...of: Parameters<typeof judge>) => {
  const { subject, findings } = judge(...of);
  return explainDenial(subject, findings, config);
};

describe('a rule that names nobody', () => {
  it('is one line, which counts what follows from it and names the checks', () => {
    expect(refusal({ ingress: [{}] })).toBe(
      `NetworkPolicy shop/p: 1 finding keeps it out
  ingress[0]  lets everyone in, the outside included; name peers under "from"; or select only Pods of expose: "true", and label the policy so; 5 findings follow from it  [ingress-from-anyone, cross-environment, flow-matrix, internal-exposed, exposes-unexposed]`,
    );
  });

  it('is a line for each of two such rules', () => {
    const lines = tell(judge({ ingress: [{}, { ports: [{ port: 80 }] }] }).findings);
    expect(lines.map(({ subject, findings }) => `${subject} ${findings.length}`)).toEqual([
      'ingress[0] 6',
      'ingress[1] 4',
    ]);
  });

  const block = (...cidrs: readonly string[]) => [{ from: cidrs.map((cidr) => ({ ipBlock: { cidr } })) }];
  it.each([
    ['0.0.0.0/0 holds every IPv4 address', ['0.0.0.0/0']],
    ['::/0 holds every IPv6 address', ['::/0']],
    ['its ipBlocks together hold every IPv4 address', ['0.0.0.0/1', '128.0.0.0/1']],
    ['its ipBlocks together hold every IPv4 and IPv6 address', ['::/0', '0.0.0.0/0']],
  ])('is one line as well if its ipBlocks hold everyone: %s', (width, cidrs) => {
    const lines = tell(judge({ ingress: block(...cidrs) }).findings);
    expect(lines.map(({ subject, reason, findings }) => [subject, reason, findings.length > 3])).toEqual([
      [
        'ingress[0].from[0]',
        expect.stringMatching(`^${width}; name the networks that are meant; \\d+ findings follow from it$`),
        true,
      ],
    ]);
  });

  it('is two lines if one rule has no peers and another one holds everyone', () => {
    const lines = tell(judge({ ingress: [{}, ...block('0.0.0.0/0')] }).findings);
    expect(lines.map(({ subject }) => subject)).toEqual(expect.arrayContaining(['ingress[0]', 'ingress[1].from[0]']));
  });

  it('does not hide what another rule opens', () => {
    const outside = { from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] };
    const lines = tell(judge({ ingress: [{}, outside] }).findings);
    expect(lines.map(({ subject, checks: [check] }) => `${subject} ${check}`)).toEqual([
      'expose exposes-unexposed',
      'ingress[0] ingress-from-anyone',
      'podSelector exposes-unexposed',
      'ingress[1].from[0] internal-exposed',
    ]);
  });

  it('does not propose to expose what its namespace forbids', () => {
    const text = refusal({ ingress: [{}] }, namespaceWith({ ...labels, expose: 'false' }));
    expect(text).toContain('name peers under "from"; 4 findings follow from it');
  });

  it('is one warning where it only warns', () => {
    const { subject, findings } = judge({ ingress: [{}] }, shop, 'warn');
    expect(explainWarnings(subject, findings)).toEqual([
      'NetworkPolicy shop/p: ingress[0] lets everyone in, the outside included [ingress-from-anyone and 4 more]',
      'NetworkPolicy shop/p: ingress[0]: name peers under "from"',
      'NetworkPolicy shop/p: ingress[0]: or select only Pods of expose: "true", and label the policy so',
      'NetworkPolicy shop/p: ingress[0]: 5 findings follow from it',
    ]);
  });
});

describe('a namespace without labels', () => {
  const rules = { ingress: [from('a', 9115), from('b', 9116)] };

  it('is one line about a policy in it, however many peers the policy has', () => {
    expect(refusal(rules, namespaceWith({}))).toBe(
      `NetworkPolicy shop/p: 1 finding keeps it out
  namespace  shop has no env, tier, team, so its Pods may be any; label the namespace; 4 findings follow from it  [cross-environment, flow-matrix]`,
    );
  });

  it('is named by a single finding too', () => {
    expect(refusal({ ingress: [from('a', 80)] }, namespaceWith({ env: 'prod', team: 'shop' }))).toMatch(
      /^ {2}ingress\[0\]\.from\[0\] {2}opens .* on TCP\/80; namespace shop has no tier, so label it, or select one tier in podSelector {2}\[flow-matrix\]$/m,
    );
  });

  it('is not the cause where the label need not agree', () => {
    const keys = new Map([...config.taxonomy.keys].map(([key, one]) => [key, { ...one, agrees: false }]));
    const subject = subjectOf('NetworkPolicy', { metadata: { name: 'p', labels }, spec: rules }, namespaceWith({}));
    const choice = { mode: 'enforce', source: 'cluster' } as const;
    const as = { ...config, taxonomy: { ...config.taxonomy, keys } };
    const { findings } = evaluate(checks, subject, undefined, choice, as);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter(({ cause }) => cause !== undefined)).toEqual([]);
  });
});
