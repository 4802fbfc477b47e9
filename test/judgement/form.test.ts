import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/documents/parse.ts';
import { takeInventory } from '../../src/judgement/inventory.ts';
import { judgeDocuments } from '../../src/judgement/judgement.ts';
import { modes } from '../../src/policy/mode.ts';
import { config } from '../policy/minimal.ts';
import { forms } from './forms.ts';

async function judge(text: string, as = config) {
  const { documents, problems } = parseManifest(text, 'a.yaml');
  expect(problems).toEqual([]);
  const inventory = takeInventory(documents, { cluster: [], defaultNamespace: undefined, now: 0 }, as);
  return (await judgeDocuments(documents, inventory, as)).objects.flatMap(({ findings }) => findings);
}

const saysOf = async (text: string) =>
  (await judge(text))
    .filter(({ check }) => check === 'readable')
    .map(({ line, column, subject, reason }) => `${line}:${column} ${subject} ${reason}`);

describe('the form of an object', () => {
  it.each(forms)('with $title: accepted $isAccepted', async ({ object, isAccepted }) => {
    const found = (await judge(JSON.stringify(object))).filter(({ check }) => check === 'readable');
    expect(found.map(({ action, undecided }) => ({ action, undecided }))).toEqual(
      isAccepted ? [] : found.map(() => ({ action: 'deny', undecided: undefined })),
    );
    expect(found.length > 0).toBe(!isAccepted);
  });

  it('is judged whatever the caps of the checks and the mode of the namespace are', async () => {
    const checks = ['flow-matrix', 'cross-environment', 'label-values', 'no-effect'] as const;
    const text = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {env: prod, tier: api, team: shop, ringfence.dev/mode: observe}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop, labels: {env: prod, tier: api, team: shop}}
spec: {podSelector: {}, ingress: [{ports: [{endPort: 90}]}]}
`;
    for (const cap of modes) {
      const caps = new Map(checks.map((id) => [id, cap]));
      const findings = await judge(text, { ...config, caps });
      expect(findings.map(({ check, action }) => `${check} ${action}`)).toEqual(['readable deny']);
    }
  });
});

describe('the message about a form', () => {
  const policy = (spec: string) =>
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop, labels: {env: prod, tier: api, team: shop}}\nspec:\n  ${spec}\n`;

  it.each([
    [
      'egress: [{to: [{ipBlock: {cidr: 198.51.100.0/24, except: [203.0.113.0/25]}}]}]',
      'egress[0].to[0].ipBlock.except[0] is 203.0.113.0/25, which is not inside the cidr 198.51.100.0/24',
    ],
    [
      'egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24, except: [10.0.0.0/24]}}]}]',
      'egress[0].to[0].ipBlock.except[0] is 10.0.0.0/24, the whole cidr; it must be smaller',
    ],
    [
      'egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24, except: ["2001:db8::/64"]}}]}]',
      'egress[0].to[0].ipBlock.except[0] is 2001:db8::/64, IPv6, and the cidr 10.0.0.0/24 is IPv4',
    ],
    [
      'egress: [{to: [{ipBlock: {cidr: 10.0.0.5/24}}]}]',
      'egress[0].to[0].ipBlock.cidr is 10.0.0.5/24, an address inside 10.0.0.0/24; write 10.0.0.0/24, or 10.0.0.5/32; Kubernetes refuses it since 1.36',
    ],
    ['ingress: [{ports: [{endPort: 90}]}]', 'ingress[0].ports[0].endPort needs port, the first port of the range'],
    [
      'ingress: [{ports: [{port: http, endPort: 90}]}]',
      'ingress[0].ports[0].endPort needs port to be a number, and it is the name "http"',
    ],
    [
      'ingress: [{ports: [{port: 90, endPort: 80}]}]',
      'ingress[0].ports[0].endPort must be a number from 90 to 65535, not 80',
    ],
    ['ingress: [{form: []}]', 'ingress[0].form is not a field here; the fields are from, ports'],
    ['ingress: {}', 'ingress must be a list, not an object'],
    ['ingress: [{from: [{}]}]', 'ingress[0].from[0] needs a podSelector, a namespaceSelector or an ipBlock'],
    ['policyTypes: [ingress]', 'policyTypes[0] must be Ingress or Egress, not "ingress"'],
    [
      'podSelector: {matchLabels: {app: "a b"}}',
      'podSelector.matchLabels.app is "a b"; a label value consists of letters, digits, "-", "_" and ".", and begins and ends with a letter or digit',
    ],
    [
      'podSelector: {matchLabels: {version: 1.10}}',
      'podSelector.matchLabels.version must be a string; quote it: "1.10"',
    ],
    [
      'podSelector: {matchExpressions: [{key: app, operator: In, values: [0777, no]}]}',
      'podSelector.matchExpressions[0].values[0] must be a string; quote it: "0777"',
      'podSelector.matchExpressions[0].values[1] must be a string; quote it: "no"',
    ],
  ])('%s', async (spec, ...says) => {
    expect((await saysOf(policy(spec))).map((line) => line.slice(line.indexOf(' ') + 1))).toEqual(says);
  });

  it('stands at the field', async () => {
    expect(await saysOf(policy('ingress:\n  - ports:\n    - endPort: 90'))).toEqual([
      '7:7 ingress[0].ports[0].endPort needs port, the first port of the range',
    ]);
  });

  it('about many fields counts the rest', async () => {
    const ports = Array.from({ length: 25 }, () => '{port: 0}').join(', ');
    const says = await saysOf(policy(`ingress: [{ports: [${ports}]}]`));
    expect(says).toHaveLength(21);
    expect(says.at(-1)).toMatch(/NetworkPolicy has 5 more such problems$/);
  });
});

describe('the fix for a label that is no text', () => {
  const shop =
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod, tier: web, team: "0777"}}\n---\n';
  const pod = (labels: string) =>
    `${shop}apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop, labels: {env: prod, tier: web, ${labels}}}\n`;
  const fixesOf = async (text: string) =>
    (await judge(text)).map(({ check, fix }) => `${check} ${fix?.key}=${fix?.value}`);

  it.each([
    ['team: 0777, expose: "false", version: 1.10', 'readable team=0777', 'readable version=1.10'],
    ['team: "0777", expose: yes', 'readable expose=true'],
    ['team: "0777", expose: "false", country: no', 'readable country=no'],
    ['team: "0777", expose: "false", rev: 1_000', 'readable rev=1_000'],
    ['team: "0777", expose: "false", rev: 0x1F', 'readable rev=0x1F'],
    ['team: "0777", expose: "false", rev: 1e3', 'readable rev=1e3'],
    ['team: "0777", expose: False', 'readable expose=false'],
    // The text that is meant is judged, so the namespace's is proposed once.
    ['team: 42, expose: "false"', 'readable team=42', 'label-agreement team=0777'],
  ])('is what stands in the file: %s', async (labels, ...fixes) => {
    expect(await fixesOf(pod(labels))).toEqual(fixes);
  });

  it('is what stands in the file in JSON, too', async () => {
    const metadata = '{"name": "a", "namespace": "b", "labels": {"v": 1.10}}';
    const text = `{"apiVersion": "v1", "kind": "Pod", "metadata": ${metadata}}`;
    expect(await fixesOf(text)).toContain('readable v=1.10');
  });
});
