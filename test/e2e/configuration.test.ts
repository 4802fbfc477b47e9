// Changes of the configuration at run time: the webhook configurations follow it, a wrong one
// changes nothing, and the death of a process during a change is repaired.
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { startApiProxy } from './api-proxy.ts';
import { applyConfiguration, installedWebhooks, untilFollowed } from './configure.ts';
import { applyManifests, eventually, type Installation, install, ownNamespace, type Replica } from './installation.ts';
import { inNamespace, namespace, namespaceLabels, pod } from './objects.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** The command of docs/way-out.md: the overlay of another mode and nothing else. */
describeWithSharedControlPlane('a changed configuration', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
  });
  afterAll(() => installation.end());

  const create = (name: string) => controlPlane().kubectl(['create', 'namespace', name]);
  /** The objects for which entries that fail closed, and those that fail open, are called. */
  const scopes = async () => {
    const { entries } = await installedWebhooks(controlPlane(), 'validating');
    return Object.fromEntries(
      entries
        .filter(({ name }) => name.startsWith('pods.'))
        .map(({ failurePolicy, namespaceSelector }) => [
          failurePolicy,
          namespaceSelector?.matchExpressions.find(({ key }) => key === 'ringfence.dev/mode'),
        ]),
    );
  };
  const milder = ['observe', 'warn'];
  const key = 'ringfence.dev/mode';
  const whereTheClusterEnforces = {
    Fail: { key, operator: 'NotIn', values: milder },
    Ignore: { key, operator: 'In', values: milder },
  };
  const whereOnlyNamespacesEnforce = {
    Fail: { key, operator: 'In', values: ['enforce'] },
    Ignore: { key, operator: 'NotIn', values: ['enforce'] },
  };

  it('changes whom the API server must ask, by itself and without a restart', async () => {
    expect(await scopes()).toEqual(whereTheClusterEnforces);
    expect((await create('first')).stderr).toContain('3 labels keep it out');

    for (const mode of ['observe', 'warn'] as const) {
      await applyManifests(controlPlane(), mode);
      const version = (await admin.get(`configmap ringfence -n ${ownNamespace}`)).metadata.resourceVersion;
      await eventually('both webhook configurations', async () => (await versions()).every((one) => one === version));
      expect(await scopes(), mode).toEqual(whereOnlyNamespacesEnforce);
      const { exitCode, stderr } = await create(`second-${mode}`);
      expect(exitCode).toBe(0);
      if (mode === 'observe') expect(stderr).toBe('');
      else expect(stderr).toContain('Warning: Namespace second-warn: env');
      expect((await admin.get(`namespace second-${mode}`)).metadata.labels).not.toHaveProperty('ringfence.dev/fence');
    }

    await applyManifests(controlPlane(), 'enforce');
    await eventually('refusals', async () => (await create('third')).stderr.includes('3 labels keep it out'));
    await eventually('the API server to have to ask', async () => 'NotIn' === (await scopes())['Fail']?.operator);
    await admin.run('apply -f -', namespace('fourth'));
    expect((await admin.get('namespace fourth')).metadata.labels).toHaveProperty('ringfence.dev/fence');
  });

  it('changes which namespaces are outside, and which labels a Binding is asked for', async () => {
    const region = 'exempt: {namespaces: [aside, cluster-*]}\ntaxonomy: {region: {values: [north, south]}}';
    await applyConfiguration(controlPlane(), `mode: enforce\n${region}\n`);
    await eventually('the exemption', async () => {
      const { entries } = await installedWebhooks(controlPlane(), 'validating');
      const pods = entries.find(({ name }) => name === 'pods.ringfence.dev');
      const text = JSON.stringify(pods);
      return text.includes('"aside"') && text.includes('cluster-') && text.includes('region');
    });
    const isAdmitted = async (home: string) => {
      const { exitCode } = await controlPlane().kubectl(['create', '--dry-run=server', '-f', '-'], {
        input: JSON.stringify(inNamespace(home, pod('bare', {}))),
      });
      return exitCode === 0;
    };
    await admin.run('create -f -', namespace('cluster-storage', {}), namespace('clusters'));
    expect((await admin.get('namespace cluster-storage')).metadata.labels).not.toHaveProperty('ringfence.dev/fence');
    expect((await admin.get('namespace clusters')).metadata.labels).toHaveProperty('ringfence.dev/fence');
    await eventually('the exemption by prefix', () => isAdmitted('cluster-storage'));
    expect(await isAdmitted('clusters')).toBe(false);
    await applyManifests(controlPlane(), 'enforce');
    await eventually('the exemption to be over', async () => {
      const { entries } = await installedWebhooks(controlPlane(), 'validating');
      return !JSON.stringify(entries).includes('"aside"');
    });
    await eventually('the exemption by prefix to be over', async () => !(await isAdmitted('cluster-storage')));
  });

  it('that is wrong keeps the old one in force, in the API server too, and says why', async () => {
    const before = await versions();
    await applyConfiguration(controlPlane(), 'mode: enfroce\n');
    const said = await eventually('the complaint', () =>
      replica.log().find(({ msg }) => msg === 'configuration not usable, the old one stays'),
    );
    expect(said['reason']).toContain('did you mean "enforce"?');
    expect((await create('fifth')).stderr).toContain('3 labels keep it out');
    expect(await versions()).toEqual(before);
    expect(await scopes()).toEqual(whereTheClusterEnforces);
    // The next correct configuration is used.
    await applyManifests(controlPlane(), 'observe');
    await eventually('observe', async () => 'In' === (await scopes())['Fail']?.operator);
  });

  it('that is deleted stays in force, and a replica that starts waits for the next one', async () => {
    await untilFollowed(controlPlane());
    const before = await versions();
    await admin.run(`delete configmap ringfence -n ${ownNamespace}`);
    // Both are behind one address.
    const late = await installation.start({ webhookUrl: replica.url, arguments: ['--config-seconds', '0.5'] });
    const said = await eventually('the complaint', () =>
      late.log().find(({ msg }) => msg === 'waiting for the configuration'),
    );
    expect(said['reason']).toContain(`ConfigMap ${ownNamespace}/ringfence does not exist`);
    const probe = (await (await fetch(`${late.adminUrl}/readyz`)).json()) as { readonly waiting: readonly string[] };
    expect(probe.waiting).toContain('waiting for configuration');
    expect(probe.waiting).not.toContain('waiting for cluster');
    expect(await versions()).toEqual(before);
    expect(await scopes()).toEqual(whereOnlyNamespacesEnforce);

    await applyManifests(controlPlane(), 'warn');
    await late.untilReady();
    const version = (await admin.get(`configmap ringfence -n ${ownNamespace}`)).metadata.resourceVersion;
    await eventually('both webhook configurations', async () => (await versions()).every((one) => one === version));
    expect((await create('sixth')).stderr).toContain('Warning: Namespace sixth: env');
  });

  async function versions(): Promise<readonly string[]> {
    const both = await Promise.all(
      (['mutating', 'validating'] as const).map((kind) => installedWebhooks(controlPlane(), kind)),
    );
    return both.map(({ version }) => version);
  }
});

describeWithSharedControlPlane('a replica that dies between the two webhook configurations', (controlPlane) => {
  it.each([
    ['observe', 'mode: enforce\ninherit: true\n'],
    ['enforce', 'mode: observe\ninherit: true\n'],
  ] as const)('of a change away from %s leaves what the next start mends', async (mode, changed) => {
    const admin = openTerminal(controlPlane(), 'admin');
    const installation = await install(controlPlane(), mode);
    onTestFinished(() => installation.end());
    const proxy = await startApiProxy(controlPlane());
    onTestFinished(() => proxy.close());
    const account = await controlPlane().kubeconfigForServiceAccount(ownNamespace, 'ringfence');
    const quick = ['--config-seconds', '0.5'];
    const first = await installation.start({ arguments: [...quick, '--kubeconfig', proxy.kubeconfigFrom(account)] });
    await first.untilReady();
    const of = (kind: 'mutating' | 'validating') => installedWebhooks(controlPlane(), kind);
    const old = (await of('validating')).version;

    // The second of the two never reaches the API server.
    let written = '';
    proxy.setRule(({ method, path }) => {
      if (method !== 'PUT' || !path.endsWith('webhookconfigurations/ringfence')) return 'forward';
      written ||= path;
      return path === written ? 'forward' : 'hold';
    });
    await applyConfiguration(controlPlane(), changed);
    const version = (await admin.get(`configmap ringfence -n ${ownNamespace}`)).metadata.resourceVersion;
    await eventually('the second to be on its way', () => proxy.heldCalls() > 0);
    first.process.signal('SIGKILL');
    await first.process.ended;
    const halves = [(await of('mutating')).version, (await of('validating')).version];
    expect(new Set(halves)).toEqual(new Set([version, old]));

    // Nobody answers now. A half-finished change must not stop the cluster's own writes, in either
    // direction.
    const { exitCode } = await controlPlane().kubectl(['create', 'namespace', `${mode}-orphan`, '--dry-run=server']);
    expect(exitCode === 0).toBe((await enforcesByItself()) === false);
    await admin.run('create configmap alive -n kube-system --dry-run=server');

    const second = await installation.start({ arguments: quick });
    await second.untilReady();
    expect([(await of('mutating')).version, (await of('validating')).version]).toEqual([version, version]);
    expect((await of('mutating')).entries.map(({ name }) => name)).toContain('inherit.ringfence.dev');
    const { stderr } = await controlPlane().kubectl(['create', 'namespace', `${mode}-wrong`, '--dry-run=server']);
    expect(stderr.includes('3 labels keep it out')).toBe(mode === 'observe');
    await admin.run('apply --dry-run=server -f -', namespace(`${mode}-right`, namespaceLabels));

    /** Whether the validating configuration requires a review of a creation now. */
    async function enforcesByItself(): Promise<boolean> {
      return JSON.stringify(await of('validating')).includes('oldObject == null ? true');
    }
  });
});
