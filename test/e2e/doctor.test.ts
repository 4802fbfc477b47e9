// The doctor on a real API server: objects as network plugins and distributions create them, and
// the command as a person runs it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Line } from '../../src/doctor/line.ts';
import { otherPolicyKinds } from '../../src/kubernetes/other-policies.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { runCommand } from './command.ts';
import { bindingsOf, clusterWithCilium, documentedRoles, podOf } from './doctor-objects.ts';
import { definitionOf, type ForeignKind, standIn, untilServed } from './foreign-kinds.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { openApi } from './raw-api.ts';
import { openTerminal, type StoredObject, type Terminal } from './terminal.ts';

describeWithSharedControlPlane('the doctor', (controlPlane) => {
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    await admin.run('create namespace ringfence-system');
    await admin.run('apply -f -', ...documentedRoles(), ...bindingsOf('keeper'));
    const look = () => controlPlane().kubectl(['get', 'pods', '-A'], { as: 'keeper' });
    await eventually('the roles to hold', async () => (await look()).exitCode === 0);
  });

  async function doctor(user: string): Promise<{ readonly code: number; readonly lines: readonly Line[] }> {
    const { code, stdout, stderr } = await runCommand(controlPlane(), user, 'doctor -o json');
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

  it('reads, and does nothing else', async () => {
    const events = (await controlPlane().auditEvents()).filter(({ user }) => user.username === 'keeper');
    expect(events.length).toBeGreaterThan(10);
    expect(new Set(events.map(({ verb }) => verb))).toEqual(new Set(['get', 'list']));
  });

  it('names every right that is missing, and calls nothing wrong for it', async () => {
    const { code, lines } = await doctor('guest');
    expect([code, lines.filter(({ status }) => status === 'finding')]).toEqual([0, []]);
    const undecided = lines.filter(({ status }) => status === 'undecided').map(({ found }) => found);
    expect(undecided).toContain('not decided: RBAC does not allow you to list daemonsets.apps');
    expect(undecided).toContainEqual(expect.stringContaining('you may not read ConfigMap ringfence-system/ringfence'));
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
        baselines: [['finding', '2 missing: shop/deny-all-baseline, shop/allow-dns-egress']],
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
  });

  describe('where Ringfence runs', () => {
    let installation: Installation;
    let replica: Replica;
    beforeAll(async () => {
      installation = await install(controlPlane(), 'enforce');
      replica = await installation.start({ arguments: ['--host', '0.0.0.0'] });
      await replica.untilReady();
    });
    afterAll(() => installation.end());

    it('the proof of reach, the entries and the served certificate are in order; its Pods are not', async () => {
      const { lines } = await doctor('keeper');
      expect(of(lines, 'webhook-reach')).toEqual([
        ['clean', expect.stringMatching(/^proved at https:\/\/127\.0\.0\.1:/)],
        ['undecided', expect.stringContaining('whether it still is reached')],
      ]);
      expect(of(lines, 'baselines')).toEqual([['clean', '1 fenced, and each has its baseline']]);
      expect(of(lines, 'webhook-entries')).toEqual([['clean', expect.any(String)]]);
      expect(of(lines, 'certificates')).toEqual([
        ['clean', expect.stringMatching(/^trusted until/)],
        ['clean', expect.stringMatching(/^valid until .*, for 127\.0\.0\.1, and trusted$/)],
      ]);
      // The control plane has no kubelet, so the Pods of the Deployment stay pending.
      expect(of(lines, 'replicas')).toContainEqual(['finding', 'not ready']);
      expect(of(lines, 'configuration')).toEqual([['clean', 'it can be used']]);
    });

    it('replicas are asked through the API server, and one that it cannot reach is named', async () => {
      const [webhook, own] = [replica.url, replica.adminUrl].map((url) => Number(new URL(url).port));
      await startPod('here', { webhook, admin: own });
      const { lines } = await doctor('keeper');
      expect(of(lines, 'webhook-reach')).toEqual([
        ['clean', expect.stringMatching(/, as 1 of \d+ replicas says now$/)],
      ]);
      await startPod('away', { webhook: 1, admin: 1 });
      const { lines: later } = await doctor('keeper');
      expect(of(later, 'webhook-reach')).toEqual([
        ['finding', expect.stringContaining('error trying to reach service')],
      ]);
    });

    /** A Pod of Ringfence on this machine, as a kubelet would report it. */
    async function startPod(name: string, ports: Readonly<Record<string, number | undefined>>): Promise<void> {
      const address = Object.values(networkInterfaces())
        .flatMap((all) => all ?? [])
        .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
      const pod = podOf('ringfence-system', name, { 'app.kubernetes.io/name': 'ringfence' }, ports);
      await admin.run('apply -f -', pod);
      const status = { podIP: address, podIPs: [{ ip: address }], conditions: [{ type: 'Ready', status: 'True' }] };
      const patch = JSON.stringify({ status: { phase: 'Running', ...status } });
      await admin.run(`patch pod ${name} -n ringfence-system --subresource=status --type=merge -p ${patch}`);
    }

    it('a probe passes the gate of a fenced namespace, is undecided without a kubelet, and leaves nothing', async () => {
      await admin.run('apply -f -', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'bank', labels: { env: 'prod', tier: 'data', team: 'bank' } },
      });
      const { code, stdout, stderr } = await runCommand(
        controlPlane(),
        'admin',
        'doctor --probe bank --yes --timeout 1',
      );
      expect([code, stdout]).toEqual([
        2,
        expect.stringMatching(
          /NOT DECIDED .*\n {2}found: Pod ringfence-probe-listener-\w+ does not run after 1 seconds: /,
        ),
      ]);
      expect(stderr).toContain('To probe namespace bank:\n  create  Pod bank/ringfence-probe-listener-');
      expect(await left()).toEqual([]);
    });

    it('a probe cleans up on Ctrl-C', async () => {
      const child = spawn(process.execPath, [resolve('src/main.ts'), 'doctor', '--probe', 'bank', '--yes'], {
        env: {
          PATH: process.env['PATH'],
          HOME: controlPlane().folder,
          KUBECONFIG: controlPlane().kubeconfigFor('admin'),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(child, 'close');
      const printed = text(child.stdout);
      for await (const line of createInterface({ input: child.stderr }))
        if (line.startsWith('waiting for')) child.kill('SIGINT');
      expect(await ended).toEqual([2, null]);
      expect(await printed).toContain('found: it was stopped');
      expect(await left()).toEqual([]);
    });

    const left = async (): Promise<readonly string[]> => {
      const { items } = await admin.get<{ items: StoredObject[] }>(
        'pods,networkpolicies -n bank -l ringfence.dev/probe',
      );
      return items.map(({ metadata }) => metadata.name);
    };

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
