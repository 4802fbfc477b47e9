// The doctor on a real API server: objects as network plugins and distributions lay them, and the
// command as a person runs it.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Line } from '../../src/doctor/line.ts';
import { otherPolicyKinds } from '../../src/kubernetes/other-policies.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { runCommand } from './command.ts';
import { definitionOf, type ForeignKind, standIn, untilServed } from './foreign-kinds.ts';
import { type Installation, install } from './installation.ts';
import type { Manifest } from './objects.ts';
import { openApi } from './raw-api.ts';
import { openTerminal, type Terminal } from './terminal.ts';

describeWithSharedControlPlane('the doctor', (controlPlane) => {
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    await admin.run('create namespace ringfence-system');
    await admin.run('apply -f -', ...documentedRoles(), ...bindingsOf('keeper'));
  });

  async function doctor(
    user: string,
    options = '',
  ): Promise<{ readonly code: number; readonly lines: readonly Line[] }> {
    const { code, stdout, stderr } = await runCommand(controlPlane(), user, `doctor -o json${options}`);
    if (code === 2) throw new Error(stderr);
    return { code, lines: (JSON.parse(stdout) as { lines: readonly Line[] }).lines };
  }

  const of = (lines: readonly Line[], id: string) =>
    lines.filter(({ examination }) => examination === id).map(({ status, found }) => [status, found]);

  it('finds no network plugin and no webhooks in an empty cluster, and may read everything by the documented roles', async () => {
    const { code, lines } = await doctor('keeper');
    expect(code).toBe(1);
    expect(of(lines, 'network-plugin')).toEqual([['finding', 'no known network plugin']]);
    expect(of(lines, 'webhook-reach')).toEqual([['finding', expect.stringContaining('there is no Validating')]]);
    expect(of(lines, 'kubernetes-version')).toEqual([['clean', expect.stringMatching(/^v1\.\d+/)]]);
    expect(lines.filter(({ found }) => found.includes('RBAC'))).toEqual([]);
  });

  it('names every right that is missing, and calls nothing wrong for it', async () => {
    const { code, lines } = await doctor('guest');
    expect([code, lines.filter(({ status }) => status === 'finding')]).toEqual([0, []]);
    const undecided = lines.filter(({ status }) => status === 'undecided').map(({ found }) => found);
    expect(undecided).toContain('not decided: RBAC does not allow you to list daemonsets.apps');
    expect(undecided).toContainEqual(expect.stringContaining('you may not read ConfigMap ringfence-system/ringfence'));
    expect(await doctor('guest', ' --strict')).toMatchObject({ code: 1 });
  });

  describe('where Cilium only audits, and others decide too', () => {
    const kinds = ['CiliumNetworkPolicy', 'ClusterNetworkPolicy'].map((name): ForeignKind => {
      const found = otherPolicyKinds.find(({ kind, group }) => kind === name && !group.includes('antrea'));
      if (found === undefined) throw new Error(`no kind ${name}`);
      return standIn(found);
    });

    beforeAll(async () => {
      await admin.run('apply -f -', ...kinds.map(definitionOf));
      const api = openApi(controlPlane(), 'admin');
      await untilServed(api, kinds);
      api.close();
      await admin.run('apply -f -', ...clusterWithCilium());
    });

    it('each is a line of its own', async () => {
      const { code, lines } = await doctor('keeper');
      expect(code).toBe(1);
      expect(
        Object.fromEntries([...new Set(lines.map(({ examination }) => examination))].map((id) => [id, of(lines, id)])),
      ).toMatchObject({
        'network-plugin': [['note', 'Cilium is installed, and no node runs it']],
        'cilium-enforcement': [
          ['finding', 'policy-audit-mode: "true"'],
          ['finding', 'enable-policy: "never"'],
        ],
        'cilium-labels': [
          ['finding', 'env, tier, team, sensitivity, expose and 1 more are left out: labels: "k8s:app"'],
        ],
        'cilium-addresses': [['note', 'not set']],
        'node-local-dns': [['finding', expect.stringContaining('169.254.20.10, 10.0.0.10')]],
        'dns-pods': [
          ['clean', '1 Pod'],
          ['finding', 'its Pods listen on 5353'],
        ],
        'other-policies': [
          ['finding', '1 object: shop (1)'],
          ['finding', '1 object for the whole cluster'],
        ],
        'baseline-tier': [['finding', 'ClusterNetworkPolicy last']],
        'host-network': [['finding', '1: shop/node-exporter']],
        references: expect.arrayContaining([
          ['note', 'namespace monitoring: not in the cluster (a default)'],
        ]) as unknown,
      });
    });

    it('people read what it means and what to do', async () => {
      const { stdout } = await runCommand(controlPlane(), 'keeper', 'doctor');
      expect(stdout).toContain(
        '\n  means: nothing is enforced: what policies deny is logged and passes\n  do:    Set policyAuditMode: false',
      );
      expect(stdout).toMatch(/\n\d+ findings, \d+ not decided, \d+ notes, \d+ in order\n$/);
    });
  });

  describe('where Ringfence runs', () => {
    let installation: Installation;
    beforeAll(async () => {
      installation = await install(controlPlane(), 'observe');
      await (await installation.start()).untilReady();
    });
    afterAll(() => installation.end());

    it('the proof of reach, the entries and the served certificate are in order; its Pods are not', async () => {
      const { lines } = await doctor('keeper');
      expect(of(lines, 'webhook-reach')).toEqual([
        ['clean', expect.stringMatching(/^proved at https:\/\/127\.0\.0\.1:/)],
        ['undecided', expect.stringContaining('whether it still is reached')],
      ]);
      expect(of(lines, 'webhook-entries')).toEqual([['clean', expect.any(String)]]);
      expect(of(lines, 'certificates')).toEqual([
        ['clean', expect.stringMatching(/^trusted until/)],
        ['clean', expect.stringMatching(/^valid until .*, for 127\.0\.0\.1, and trusted$/)],
      ]);
      // The control plane has no kubelet: the Deployment's Pods stay pending.
      expect(of(lines, 'replicas')).toContainEqual(['finding', 'not ready']);
      expect(of(lines, 'configuration')).toEqual([['clean', 'it can be used']]);
    });

    it('a configuration that cannot be used is a finding, at its line', async () => {
      await admin.run(
        'patch configmap ringfence -n ringfence-system --type merge -p {"data":{"config.yaml":"mode:no"}}',
      );
      const { lines } = await doctor('keeper');
      expect(of(lines, 'configuration')).toEqual([
        ['finding', expect.stringContaining('configmap/ringfence-system/ringfence')],
      ]);
      expect(of(lines, 'references')).toEqual([['undecided', expect.stringContaining('cannot be used')]]);
    });
  });
});

/** The roles as docs/doctor.md has them. */
function documentedRoles(): readonly Manifest[] {
  const [, yaml = ''] = /```yaml\n(apiVersion: rbac[^`]+)```/.exec(readFileSync('docs/doctor.md', 'utf8')) ?? [];
  return parseAllDocuments(yaml).map((document) => document.toJS() as Manifest);
}

function bindingsOf(user: string): readonly Manifest[] {
  const subjects = [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }];
  const base = { apiVersion: 'rbac.authorization.k8s.io/v1', subjects };
  const roleRef = (kind: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name: 'ringfence-doctor' });
  return [
    { ...base, kind: 'ClusterRoleBinding', metadata: { name: 'test-doctor' }, roleRef: roleRef('ClusterRole') },
    {
      ...base,
      kind: 'RoleBinding',
      metadata: { name: 'test-doctor', namespace: 'ringfence-system' },
      roleRef: roleRef('Role'),
    },
  ] as readonly Manifest[];
}

function daemonSetOf(name: string, image: string, args: readonly string[] = []): Manifest {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: 'kube-system' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'agent', image, args }] } },
    },
  };
}

function podOf(namespace: string, name: string, labels: Record<string, string>, hostNetwork = false): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels },
    spec: { hostNetwork, containers: [{ name: 'main', image: 'example' }] },
  };
}

function clusterWithCilium(): readonly Manifest[] {
  const config = { 'policy-audit-mode': 'true', 'enable-policy': 'never', labels: 'k8s:app' };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { 'ringfence.dev/fence': 'true' } } },
    daemonSetOf('cilium', 'quay.io/cilium/cilium:v1.20.2'),
    daemonSetOf('node-local-dns', 'dns/k8s-dns-node-cache', ['-localip', '169.254.20.10,10.0.0.10']),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cilium-config', namespace: 'kube-system' },
      data: config,
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system' },
      spec: { selector: { 'k8s-app': 'kube-dns' }, ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'kube-dns-x', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.7'] }],
      ports: [{ name: 'dns', port: 5353, protocol: 'UDP' }],
    },
    podOf('kube-system', 'coredns-1', { 'k8s-app': 'kube-dns' }),
    podOf('shop', 'node-exporter', {}, true),
    { apiVersion: 'cilium.io/v1', kind: 'CiliumNetworkPolicy', metadata: { namespace: 'shop', name: 'open' } },
    {
      apiVersion: 'policy.networking.k8s.io/v1',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'last' },
      spec: { tier: 'Baseline' },
    },
  ];
}
