// A baseline that Git owns too: Ringfence prints it, others apply it, and then Ringfence has
// nothing to write.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Report } from '../../src/fencing/report.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { runCommand } from './command.ts';
import { eventually, type Installation, install } from './installation.ts';
import { namespace } from './objects.ts';
import { bindingOf } from './people.ts';
import { isFullRun, tell } from './scale.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { kindOf, ownUser } from './traffic.ts';

const restMs = isFullRun ? 60_000 : 5_000;

interface Owned {
  readonly name: string;
  readonly print?: string;
  readonly apply: string;
  /** The other field manager of the specification. */
  readonly manager: string;
}

interface Metadata {
  readonly name: string;
  readonly resourceVersion: string;
  readonly managedFields: readonly { readonly manager: string }[];
}

const argo = 'apply --server-side --field-manager=argocd-controller -f -';
const owners: readonly Owned[] = [
  { name: 'by-argo', apply: argo, manager: 'argocd-controller' },
  { name: 'explicit', print: ' --empty-lists', apply: argo, manager: 'argocd-controller' },
  { name: 'by-kubectl', apply: 'apply -f -', manager: 'kubectl-client-side-apply' },
];

describeWithSharedControlPlane('a baseline in Git', (controlPlane) => {
  let installation: Installation;
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    await admin.run('apply -k manifests/roles');
    await admin.run('apply -f -', bindingOf('ringfence-fence-keeper', 'keeper'));
    // A team named `on`: in YAML 1.1, which kubectl reads, it is not a string unless it is quoted.
    for (const { name } of owners)
      await admin.run('apply -f -', namespace(name, { env: 'prod', tier: 'api', team: 'on' }));
    await admin.run('apply -f -', namespace('taken-over'));
    installation = await install(controlPlane(), 'enforce');
    await (await installation.start()).untilReady();
  });
  afterAll(() => installation.end());

  const ringfence = (command: string) => runCommand(controlPlane(), 'keeper', command);
  const print = async (name: string, how = ''): Promise<string> => {
    const { code, stdout, stderr } = await ringfence(`baseline ${name}${how}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const apply = async (how: string, input: string): Promise<void> => {
    const { exitCode, stderr } = await controlPlane().kubectl(how.split(' '), { input });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  };
  const metadataOf = async (name: string) => {
    const raw = await admin.run(`get --raw /apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`);
    return (JSON.parse(raw) as { items: { metadata: Metadata }[] }).items.map(({ metadata }) => metadata);
  };
  const policiesOf = async (name: string) =>
    (await metadataOf(name)).map((one) => [one.name, [...new Set(one.managedFields.map(({ manager }) => manager))]]);
  const versionsOf = async (name: string) => (await metadataOf(name)).map(({ resourceVersion }) => resourceVersion);
  const written = async (since: string) =>
    (await controlPlane().auditEvents())
      .filter(({ user, requestReceivedTimestamp }) => user.username === ownUser && requestReceivedTimestamp > since)
      .filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))
      // Reviews of access are not stored. An Event records the use of the permission to fence.
      .filter(({ objectRef }) => !/reviews$|^events$/.test(objectRef?.resource ?? ''))
      .map((event) => `${kindOf(event)} ${event.objectRef?.namespace}`);

  it('is applied before the fence, by server-side apply and by plain kubectl: Ringfence never writes it', {
    timeout: restMs + 300_000,
  }, async () => {
    const since = new Date().toISOString();
    const texts = new Map<string, string>();
    for (const { name, apply: how } of owners) {
      const text = await print(name);
      texts.set(name, text);
      await apply(how, text);
      const { stdout } = await ringfence(`fence ${name} --yes -o json`);
      const { outcome, steps } = JSON.parse(stdout) as Report;
      expect([outcome, ...steps.map(({ action }) => action)]).toEqual(['done', 'mark', 'leave', 'leave']);
    }
    // Argo CD and Flux apply the same manifests again.
    const half = restMs / 2;
    await delay(half);
    for (const { name, apply: how, print: lists } of owners) {
      const before = await versionsOf(name);
      await apply(how, texts.get(name) ?? '');
      // Without the empty lists nothing changes. With them every apply is a change, because the API
      // server does not store them.
      if (lists === undefined) expect(await versionsOf(name)).toEqual(before);
    }
    await delay(half);
    const writes = await written(since);
    tell(
      `a baseline in Git, ${owners.length} namespaces, ${restMs / 1000} s at rest: ${writes.length} writes by Ringfence`,
    );
    expect(writes).toEqual([]);
    for (const { name, manager } of owners)
      expect(await policiesOf(name)).toEqual([
        ['allow-dns-egress', [manager]],
        ['deny-all-baseline', [manager]],
      ]);
  });

  it('that Ringfence made is taken over by another manager, without a write of Ringfence', async () => {
    expect(await ringfence('fence taken-over --yes')).toMatchObject({ code: 0 });
    const since = new Date().toISOString();
    await apply(argo, await print('taken-over'));
    // Ringfence's own apply contains the empty lists. A tool that also has them must force its
    // apply, as Argo CD and Flux do.
    const explicit = await print('taken-over', ' --empty-lists');
    expect(await controlPlane().kubectl(argo.split(' '), { input: explicit })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('conflict with "ringfence"') as string,
    });
    await apply(`${argo} --force-conflicts`, explicit);
    await delay(2_000);
    expect(await written(since)).toEqual([]);
    expect((await policiesOf('taken-over'))[1]?.[1]).toContain('argocd-controller');
  });

  it('is left by unfence, and its managers are named', async () => {
    for (const { name, manager } of [...owners, { name: 'taken-over', manager: 'argocd-controller' }]) {
      const { code, stdout, stderr } = await ringfence(`unfence ${name} --yes`);
      expect([code, stdout]).toEqual([
        2,
        [
          `  unmarked  Namespace ${name}: ringfence.dev/fence`,
          `  stays     NetworkPolicy ${name}/deny-all-baseline: ${manager} manages its specification`,
          `  stays     NetworkPolicy ${name}/allow-dns-egress: ${manager} manages its specification`,
          '',
        ].join('\n'),
      ]);
      expect(stderr).toContain(
        [
          `namespace ${name} is still closed, although Ringfence no longer maintains its baseline. These stay:`,
          `  NetworkPolicy ${name}/deny-all-baseline: ${manager} manages its specification`,
          `  NetworkPolicy ${name}/allow-dns-egress: ${manager} manages its specification`,
          '',
        ].join('\n'),
      );
      expect(await policiesOf(name)).toHaveLength(2);
    }
  });

  it('is put right where Git has another specification than the fence needs', async () => {
    const [{ name }] = owners as readonly [Owned];
    expect(await ringfence(`fence ${name} --yes`)).toMatchObject({ code: 0 });
    await admin.run(
      `patch networkpolicy deny-all-baseline -n ${name} --type=merge -p {"spec":{"policyTypes":["Ingress"]}}`,
    );
    await eventually('the wall to be right again', async () => {
      const { spec } = await admin.get(`networkpolicy deny-all-baseline -n ${name}`);
      return (spec['policyTypes'] as string[]).length === 2;
    });
  });
});
