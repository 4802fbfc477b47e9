// Uninstalling: no webhook, Secret, role or label remains, and walls stay unless their removal was
// requested.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Report } from '../../src/fencing/report.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { runCommand } from './command.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { developerRole, inNamespace, namespace, namespaceLabels, pod } from './objects.ts';
import { remainsOf } from './remains.ts';
import { openTerminal, type Terminal } from './terminal.ts';

describeWithSharedControlPlane('uninstall', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await admin.run('apply -f -', ...developerRole);
    await start();
    // People made these bindings.
    await admin.run('create clusterrolebinding keepers --clusterrole=ringfence-fence-keeper --group=platform');
    await dev.run('apply -f -', namespace('shop'), namespace('git'), inNamespace('shop', pod('web')));
    await admin.run('create rolebinding leads -n shop --clusterrole=ringfence-team-lead --group=team-shop');
    await admin.run('label namespace shop ringfence.dev/mode=enforce');
    await eventually('the baselines', async () => (await baselines()).length === 4);
    const printed = await ringfence('baseline git');
    const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=flux', '-f', '-'];
    await controlPlane().kubectl(apply, { input: printed.stdout });
    await eventually('what controllers make for the manifests', async () => {
      const kinds = 'pods,endpointslices,endpoints,configmaps,serviceaccounts';
      const made = await admin.run(`get ${kinds} -n ringfence-system -o name`);
      const { spec } = await admin.get('deployment ringfence -n ringfence-system');
      return (
        made.match(/^pod\//gm)?.length === spec['replicas'] &&
        [
          /^endpointslice.*\/ringfence-/m,
          /^endpoints\/ringfence$/m,
          /\/kube-root-ca.crt$/m,
          /^serviceaccount\/default$/m,
        ].every((one) => one.test(made))
      );
    });
  });
  afterAll(() => installation.end());

  async function start(): Promise<void> {
    await admin.run('apply -k manifests/roles');
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
  }
  const ringfence = (command: string, user = 'admin') => runCommand(controlPlane(), user, command);
  const baselines = async (): Promise<readonly string[]> =>
    (
      await admin.run(
        'get networkpolicies -A --no-headers -o custom-columns=NS:.metadata.namespace,NAME:.metadata.name',
      )
    )
      .split('\n')
      .filter((line) => /deny-all-baseline|allow-dns-egress/.test(line))
      .map((line) => line.split(/\s+/).join('/'));
  const all = ['git/allow-dns-egress', 'git/deny-all-baseline', 'shop/allow-dns-egress', 'shop/deny-all-baseline'];

  const remains = () => remainsOf(controlPlane());

  it('is not for everyone, and changes nothing for who may not', async () => {
    const before = await remains();
    const { code, stdout, stderr } = await ringfence('uninstall --yes', 'dev');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('is forbidden: User "dev" cannot');
    expect(await remains()).toEqual(before);
  });

  it('by a dry run writes nothing, and lists what there is', async () => {
    const before = await remains();
    const { code, stdout } = await ringfence('uninstall --dry-run -o json');
    const { outcome, steps } = JSON.parse(stdout) as Report;
    expect([code, outcome]).toEqual([0, 'done']);
    expect(steps.map(({ action, kind, namespace, name }) => `${action} ${kind} ${namespace ?? ''}/${name}`)).toEqual([
      'delete ClusterRoleBinding /ringfence-webhooks',
      'delete ValidatingWebhookConfiguration /ringfence',
      'delete MutatingWebhookConfiguration /ringfence',
      'delete ValidatingAdmissionPolicyBinding /own-webhooks.ringfence.dev',
      'delete ValidatingAdmissionPolicy /own-webhooks.ringfence.dev',
      'unmark Namespace /git',
      'unmark Namespace /shop',
      'release NetworkPolicy git/deny-all-baseline',
      'release NetworkPolicy shop/deny-all-baseline',
      'release NetworkPolicy git/allow-dns-egress',
      'release NetworkPolicy shop/allow-dns-egress',
      'delete Namespace /ringfence-system',
      'delete ClusterRoleBinding /ringfence',
      'delete ClusterRole /ringfence',
      'delete ClusterRole /ringfence-fence-keeper',
      'delete ClusterRole /ringfence-policy-opener',
      'delete ClusterRole /ringfence-team-lead',
      'delete ClusterRole /ringfence-viewer',
      'delete ClusterRole /ringfence-webhooks',
      'leave ClusterRoleBinding /keepers',
      'leave RoleBinding shop/leads',
    ]);
    expect(await remains()).toEqual(before);
  });

  it('leaves nothing of Ringfence, and the walls standing, while Ringfence runs', async () => {
    const { code, stdout, stderr } = await ringfence('uninstall --yes');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('To uninstall Ringfence:') as string });
    expect(stdout).toContain('Ringfence is uninstalled\n4 NetworkPolicies of baselines stay');
    expect(await remains()).toEqual([]);
    expect(await baselines()).toEqual(all);
    expect((await admin.get('namespace shop')).metadata.labels).toEqual({
      ...namespaceLabels,
      'kubernetes.io/metadata.name': 'shop',
    });
    expect((await admin.get('networkpolicy deny-all-baseline -n shop')).metadata.labels).toEqual(namespaceLabels);
    // No webhook is called any more.
    await dev.run('create namespace anything');
    const again = await ringfence('uninstall --yes');
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('this cluster has nothing of Ringfence') as string,
    });
    expect(again.stdout).toContain('stays  RoleBinding shop/leads: it names a deleted role\n');
    expect(again.stdout).toContain('2 bindings of deleted roles stay, because people made them.');
    await installation.end();
  });

  it('takes what only Ringfence made of the walls too where that is asked, even while Ringfence does not answer', async () => {
    await start();
    await ringfence('fence shop --yes');
    await ringfence('fence git --yes');
    replica.process.signal('SIGKILL');
    await replica.process.ended;
    // The namespace enforces and no replica answers, so nothing can be written to it.
    await expect(dev.run('label namespace shop env=dev --overwrite')).rejects.toThrow('failed calling webhook');
    const { code, stdout } = await ringfence('uninstall --remove-baselines --yes');
    expect(code).toBe(0);
    expect(stdout).toContain('stays     NetworkPolicy git/deny-all-baseline: flux manages its specification');
    expect(await baselines()).toEqual(all.slice(0, 2));
    expect(await remains()).toEqual([]);
  });
});
