// Existing namespaces are fenced and unfenced from the command line, with the rights of people and
// not of the process.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/fencing/report.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { runCommand } from './command.ts';
import { type Installation, install, type Replica } from './installation.ts';
import { developerRole, inNamespace, namespace, pod, podLabels } from './objects.ts';
import { grant, leastKeeper } from './people.ts';
import { openTerminal, type StoredObject, type Terminal } from './terminal.ts';

describeWithSharedControlPlane('fence and unfence', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...developerRole);
    await grant(controlPlane(), 'keeper', ...leastKeeper('keeper'));
    // They existed before Ringfence, which does not touch them.
    await admin.run(
      'apply -f -',
      namespace('shop'),
      namespace('bare', {}),
      namespace('half', { env: 'prd', team: 'a' }),
    );
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
  });
  afterAll(() => installation.end());

  const ringfence = (user: string, command: string) => runCommand(controlPlane(), user, command);
  const labelsOf = async (name: string) => (await admin.get(`namespace ${name}`)).metadata.labels ?? {};
  const baselineOf = async (name: string) => {
    const { items } = await admin.get<{ items: StoredObject[] }>(`networkpolicies -n ${name}`);
    return items.map(({ metadata }) => metadata.name);
  };
  const both = ['allow-dns-egress', 'deny-all-baseline'];

  describe('fence', () => {
    it('by a dry run stores nothing, and says what the plan knows that it cuts', async () => {
      const before = await admin.get('namespace shop');
      const { code, stdout, stderr } = await ringfence('keeper', 'fence shop --dry-run');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toBe(
        [
          'dry run, nothing was written; to be done:',
          '  mark  Namespace shop: ringfence.dev/fence=true',
          '  make  NetworkPolicy shop/deny-all-baseline: nothing in, nothing out, for every Pod',
          '  make  NetworkPolicy shop/allow-dns-egress: egress to DNS',
          'This cuts all traffic of running Pods that no NetworkPolicy of shop allows.',
          'The plan knows of no flow that this cuts:',
          '  from what the cluster declares; --observed FILE reads flow logs too',
          '',
        ].join('\n'),
      );
      expect(await admin.get('namespace shop')).toEqual(before);
      expect(await baselineOf('shop')).toEqual([]);
    });

    it('asks, and without a terminal does not begin', async () => {
      const { code, stderr } = await ringfence('keeper', 'fence shop');
      expect([code, stderr]).toEqual([2, expect.stringContaining('there is no terminal for the question; use --yes')]);
      expect(await labelsOf('shop')).not.toHaveProperty(['ringfence.dev/fence']);
    });

    it('marks the namespace, and returns when its baseline stands', async () => {
      const { code, stdout, stderr } = await ringfence('keeper', 'fence shop --yes');
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: [
          '  marked  Namespace shop: ringfence.dev/fence=true',
          '  true    NetworkPolicy shop/deny-all-baseline: nothing in, nothing out, for every Pod',
          '  true    NetworkPolicy shop/allow-dns-egress: egress to DNS',
          'namespace shop is fenced. To remove the fence: ringfence unfence shop',
          '',
        ].join('\n'),
      });
      expect(stderr).toContain('To fence namespace shop:\n  mark  Namespace shop: ringfence.dev/fence=true\n');
      expect(await labelsOf('shop')).toMatchObject({ 'ringfence.dev/fence': 'true' });
      expect(await baselineOf('shop')).toEqual(both);
      // It is guarded from now on.
      await dev.refused('delete networkpolicy deny-all-baseline -n shop');
    });

    it('says of a fenced namespace that it is, as data too', async () => {
      const { code, stdout, stderr } = await ringfence('keeper', 'fence shop --yes -o json');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({
        command: 'fence',
        namespace: 'shop',
        outcome: 'unchanged',
        dryRun: false,
        steps: [
          { action: 'leave', kind: 'NetworkPolicy', namespace: 'shop', name: 'deny-all-baseline', detail: 'true' },
          { action: 'leave', kind: 'NetworkPolicy', namespace: 'shop', name: 'allow-dns-egress', detail: 'true' },
        ],
        messages: ['namespace shop is already fenced, and its baseline is correct'],
      });
    });

    it('refuses what lacks its labels, and names them; --unlabelled takes it as it is', async () => {
      const { code, stderr } = await ringfence('keeper', 'fence half --yes');
      expect(code).toBe(1);
      expect(stderr).toContain(
        '  env   "prd" is not one of prod, staging, dev; did you mean "prod"?\n  tier  missing; ',
      );
      expect(await labelsOf('half')).not.toHaveProperty(['ringfence.dev/fence']);
      expect(await ringfence('keeper', 'fence bare --yes')).toMatchObject({ code: 1 });
      expect(await ringfence('keeper', 'fence bare --yes --unlabelled')).toMatchObject({ code: 0 });
      expect(await baselineOf('bare')).toEqual(both);
    });

    it.each([
      ['kube-public', 'belongs to Kubernetes'],
      ['kube-system', 'belongs to Kubernetes'],
      ['ringfence-system', 'is exempt'],
    ])('refuses %s', async (name, reason) => {
      const { code, stderr } = await ringfence('keeper', `fence ${name} --yes --unlabelled`);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`ringfence: namespace ${name} ${reason}`)]);
    });

    it('knows no namespace that is not there', async () => {
      expect(await ringfence('keeper', 'fence nowhere --yes')).toMatchObject({
        code: 2,
        stderr: 'ringfence: there is no namespace nowhere\n',
      });
    });

    it('does for nobody what RBAC does not let them do themselves', async () => {
      const config = await ringfence('guest', 'fence half --yes');
      expect([config.code, config.stderr]).toEqual([
        2,
        expect.stringContaining('pass the same configuration with --config FILE'),
      ]);
      const { code, stderr } = await ringfence('guest', 'fence half --yes --config manifests/base/config.yaml');
      expect([code, stderr]).toEqual([1, expect.stringContaining('User "guest" cannot get resource "namespaces"')]);
    });
  });

  it('fence is refused to who may not fence, in the words of the webhook, whole', async () => {
    for (const how of ['--yes', '--dry-run']) {
      // The developer may read neither the webhook configurations nor, by the RBAC of this test,
      // anything of ringfence.dev.
      const { code, stdout, stderr } = await ringfence('dev', `fence half --unlabelled ${how}`);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('denied the request: Namespace half:');
      expect(stderr).toContain(
        '{apiGroups: [ringfence.dev], resources: [fences], verbs: [fence], resourceNames: ["half"]}',
      );
    }
    expect(await labelsOf('half')).not.toHaveProperty(['ringfence.dev/fence']);
  });

  describe('unfence', () => {
    it('is refused to who may not lower the fence, in the words of the webhook, whole', async () => {
      for (const how of ['--yes', '--dry-run']) {
        const { code, stdout, stderr } = await ringfence('dev', `unfence shop ${how}`);
        expect([code, stdout]).toEqual([1, '']);
        expect(stderr).toContain('denied the request: Namespace shop:');
        expect(stderr).toContain(
          '{apiGroups: [ringfence.dev], resources: [fences], verbs: [lower], resourceNames: ["shop"]}',
        );
      }
      expect(await labelsOf('shop')).toHaveProperty(['ringfence.dev/fence']);
      expect(await baselineOf('shop')).toEqual(both);
    });

    it('by a dry run stores nothing', async () => {
      const { code, stdout } = await ringfence('keeper', 'unfence shop --dry-run -o json');
      const { outcome, dryRun, steps } = JSON.parse(stdout) as Report;
      expect([code, outcome, dryRun]).toEqual([0, 'done', true]);
      expect(steps.map(({ action, name }) => `${action} ${name}`)).toEqual([
        'unmark shop',
        'delete deny-all-baseline',
        'delete allow-dns-egress',
      ]);
      expect(await labelsOf('shop')).toHaveProperty(['ringfence.dev/fence']);
      expect(await baselineOf('shop')).toEqual(both);
    });

    it('takes mark and baseline away, for good', async () => {
      const { code, stdout } = await ringfence('keeper', 'unfence shop --yes');
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: [
          '  unmarked  Namespace shop: ringfence.dev/fence',
          '  deleted   NetworkPolicy shop/deny-all-baseline: nothing in, nothing out, for every Pod',
          '  deleted   NetworkPolicy shop/allow-dns-egress: egress to DNS',
          'namespace shop is no longer fenced. To fence it again: ringfence fence shop',
          '',
        ].join('\n'),
      });
      await delay(3_000);
      expect(await labelsOf('shop')).not.toHaveProperty(['ringfence.dev/fence']);
      expect(await baselineOf('shop')).toEqual([]);
      // The namespace still enforces; only the walls are gone.
      await dev.refused('apply -f -', inNamespace('shop', pod('web', {})));
      await dev.run('apply -f -', inNamespace('shop', pod('web', podLabels)));
      expect(await baselineOf('shop')).toEqual([]);
      expect(await ringfence('keeper', 'unfence shop --yes')).toMatchObject({
        code: 0,
        stdout: 'namespace shop is not fenced; there is nothing to remove\n',
      });
    });

    it('and fence puts it back', async () => {
      expect(await ringfence('keeper', 'fence shop --yes')).toMatchObject({ code: 0 });
      expect(await baselineOf('shop')).toEqual(both);
    });

    it('leaves the baseline where it is told to, as a NetworkPolicy like any other', async () => {
      expect(await ringfence('keeper', 'unfence bare --yes --keep-baseline')).toMatchObject({ code: 0 });
      expect(await labelsOf('bare')).not.toHaveProperty(['ringfence.dev/fence']);
      await admin.run('delete networkpolicy deny-all-baseline -n bare');
      await delay(1_000);
      expect(await baselineOf('bare')).toEqual(['allow-dns-egress']);
    });
  });

  it('where Ringfence does not answer, says so and changes nothing', async () => {
    replica.process.signal('SIGKILL');
    await replica.process.ended;
    const { code, stderr } = await ringfence('keeper', 'fence bare --yes --unlabelled');
    expect([code, stderr]).toEqual([2, expect.stringContaining('failed calling webhook "namespaces')]);
    expect(await labelsOf('bare')).not.toHaveProperty(['ringfence.dev/fence']);
  });
});
