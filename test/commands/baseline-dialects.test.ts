import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { everyPart } from '../baseline/parts.fixture.ts';
import { openStage } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-dialects-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'config.yaml');
writeFileSync(file, JSON.stringify({ apiVersion: 'ringfence.dev/v1alpha1', kind: 'Configuration', ...everyPart }));
const given = ['baseline', 'shop', '--labels', 'env=prod,tier=web,team=shop', '--config', file];

/** The comment that stands right above a line of the document with this name. */
function above(text: string, name: string, line: string): string {
  const lines = (
    text.split(/^---$/m).find((one) => new RegExp(`^ {2}name: (?:shop-)?${name}$`, 'm').test(one)) ?? ''
  ).split('\n');
  // Above the first line, a blank line follows the comment. The first field of an entry follows its
  // dash.
  const at = lines.findIndex((one) => one.trim() === line);
  const found: string[] = [];
  for (const one of lines.slice(0, at).reverse()) {
    const comment = /^\s*(?:- )?# (.*)$/.exec(one)?.[1];
    if (comment === undefined && (one !== '' || found.length > 0)) break;
    if (comment !== undefined) found.unshift(comment);
  }
  return found.join(' ');
}

describe('ringfence baseline --dialect', () => {
  afterEach(() => vi.restoreAllMocks());
  const run = async (...args: string[]) => (await openStage()).run(args);

  it.each<[dialect: string, part: string, line: string, says: readonly string[]]>([
    ['cilium', 'deny-all-baseline', 'ingress:', ['An empty or missing list does nothing']],
    ['cilium', 'allow-dns-egress', 'enableDefaultDeny:', ['denied by default', 'ORed over all policies']],
    ['cilium', 'allow-dns-egress', 'log:', ['at most 32 printable characters', 'policy_log']],
    ['cilium', 'allow-dns-egress', 'toEndpoints:', ['toRequires', 'gone since Cilium 1.19']],
    ['cilium', 'allow-monitoring-baseline', 'fromEndpoints:', ['fromRequires', 'gone since Cilium 1.19']],
    ['cilium', 'allow-dns-egress', 'apiVersion: cilium.io/v2', ['label filter of cilium-config', 'identity-relevant']],
    ['cilium', 'allow-node-local-dns-baseline', 'toEntities:', ['no CIDR matches it', 'CiliumLocalRedirectPolicy']],
    ['cilium', 'allow-probes-baseline', 'fromEntities:', ['No CIDR matches a node', 'allow-localhost']],
    ['cilium', 'allow-api-server-baseline', 'fromEntities:', ['may not work for ingress']],
    ['cilium', 'allow-third-party-baseline', 'toCIDR:', ['policy-cidr-match-mode', 'toFQDNs', 'no other peer', 'L7']],
    ['calico', 'deny-all-baseline', 'selector: all()', ['denied at the end of the tier', '"action: Deny" would cut']],
    [
      'calico',
      'allow-dns-egress',
      'tier: default',
      ['kube-admin (order 1,000', '1,000,000', 'kube-baseline (10,000,000'],
    ],
    ['calico', 'allow-dns-egress', 'order: 1000', ['NetworkPolicies of Kubernetes have the order 1000', 'comes last']],
    ['calico', 'allow-dns-egress', 'types:', ['other defaults than a NetworkPolicy']],
    ['calico', 'allow-third-party-baseline', 'egress:', ['refuses a rule with both']],
    ['calico', 'allow-dns-egress', 'apiVersion: projectcalico.org/v3', ['crd.projectcalico.org/v1', 'calicoctl']],
    [
      'clusternetworkpolicy',
      'deny-all-baseline',
      'tier: Baseline',
      ['never reached in a namespace with deny-all-baseline', 'an Accept there opens', 'a Deny there can close DNS'],
    ],
    ['clusternetworkpolicy', 'deny-all-baseline', 'priority: 1000', ['the lowest first', 'undefined']],
    ['clusternetworkpolicy', 'deny-all-baseline', 'subject:', ['host network are neither subject nor peer']],
    [
      'clusternetworkpolicy',
      'deny-all-baseline',
      'ingress:',
      [
        'cannot deny the outside',
        'allow-probes-baseline: not expressed for 10.0.0.0/24, fd00::/64',
        'allow-api-server-baseline: not expressed for 172.16.0.0/28',
      ],
    ],
    ['clusternetworkpolicy', 'deny-all-baseline', 'to:', ['Pods and ICMP included']],
    ['clusternetworkpolicy', 'allow-monitoring-baseline', 'from:', ['not expressed for 10.9.0.0/24']],
    ['clusternetworkpolicy', 'allow-dns-egress', 'egress:', ['At most 25 rules', 'replies and ICMP']],
    ['clusternetworkpolicy', 'allow-dns-egress', 'protocols:', ['destinationNamedPort is experimental']],
    [
      'clusternetworkpolicy',
      'allow-third-party-baseline',
      'to:',
      ['no bits behind its prefix', 'fails closed', 'domainNames', '*.x as **.x'],
    ],
    [
      'clusternetworkpolicy',
      'allow-dns-egress',
      'apiVersion: policy.networking.k8s.io/v1beta1',
      ['Calico 3.32', '--api-version v1alpha2'],
    ],
  ])('%s: %s says above "%s" what a reader must know', async (dialect, part, line, says) => {
    const { code, stdout, stderr } = await run(...given, '--dialect', dialect);
    expect([code, stderr]).toEqual([0, '']);
    for (const one of says) expect(above(stdout, part, line)).toContain(one);
  });

  it.each(['calico', 'cilium', 'clusternetworkpolicy'])(
    'prints the same objects of %s as YAML and as a List',
    async (dialect) => {
      const yaml = await run(...given, '--dialect', dialect);
      const json = await run(...given, '--dialect', dialect, '-o', 'json');
      const documents = parseAllDocuments(yaml.stdout);
      expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
      expect(JSON.parse(json.stdout)).toEqual({
        apiVersion: 'v1',
        kind: 'List',
        items: documents.map((one) => one.toJS() as unknown),
      });
      expect(yaml.stdout.split('\n').filter((one) => one.length > 110)).toEqual([]);
    },
  );

  it('asks the cluster which version of ClusterNetworkPolicy it serves', async () => {
    const { api, run: live } = await openStage();
    const versionOf = async (...args: string[]) => {
      const { stdout, stderr } = await live([
        'baseline',
        'shop',
        '--dialect',
        'clusternetworkpolicy',
        '-o',
        'json',
        ...args,
      ]);
      const { items } = JSON.parse(stdout) as { items: { apiVersion: string }[] };
      return [[...new Set(items.map(({ apiVersion }) => apiVersion))].join(), stderr];
    };
    expect(await versionOf()).toEqual([
      'policy.networking.k8s.io/v1beta1',
      'note: the cluster serves no ClusterNetworkPolicy of v1beta1 or v1alpha2; this is v1beta1\n',
    ]);
    api.world.groups = { 'policy.networking.k8s.io': ['v1alpha2', 'v1beta1'] };
    expect(await versionOf()).toEqual(['policy.networking.k8s.io/v1beta1', '']);
    api.world.groups = { 'policy.networking.k8s.io': ['v1alpha1', 'v1alpha2'] };
    expect(await versionOf()).toEqual(['policy.networking.k8s.io/v1alpha2', '']);
    api.world.groups = {};
    expect(await versionOf('--api-version', 'v1alpha2')).toEqual(['policy.networking.k8s.io/v1alpha2', '']);
  });

  it.each([
    [
      ['--dialect', 'cilium', '--api-version', 'v1beta1'],
      '--api-version is for --dialect clusternetworkpolicy, and not for cilium',
    ],
    [['--api-version', 'v1beta1'], '--api-version is for --dialect clusternetworkpolicy, and not for networkpolicy'],
    [['--dialect', 'calico', '--empty-lists'], '--empty-lists is for --dialect networkpolicy, and not for calico'],
    [['--dialect', 'antrea'], 'Allowed choices are networkpolicy, calico, cilium, clusternetworkpolicy'],
    [['--dialect', 'clusternetworkpolicy', '--api-version', 'v1'], 'Allowed choices are v1beta1, v1alpha2'],
  ])('exits 2 for %s', async (args, said) => {
    const { code, stdout, stderr } = await run(...given, ...args);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)]);
  });
});
