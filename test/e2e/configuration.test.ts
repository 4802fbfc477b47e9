import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyManifests, eventually, type Installation, install, ownNamespace, type Replica } from './installation.ts';

/** The way out that the README gives: the overlay of another mode, and nothing else. */
describeWithControlPlane('a changed configuration', { disableAdmissionPlugins: ['ServiceAccount'] }, (controlPlane) => {
  let installation: Installation;
  let replica: Replica;

  beforeAll(async () => {
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
  });
  afterAll(() => installation.end());

  const create = (name: string) => controlPlane().kubectl(['create', 'namespace', name]);
  const policies = async (): Promise<string> => {
    const path = 'jsonpath={.webhooks[*].failurePolicy}';
    return (await controlPlane().kubectl(['get', 'validatingwebhookconfiguration', 'ringfence', '-o', path])).stdout;
  };

  it('holds without a restart: observe, and enforce again', async () => {
    expect((await create('first')).exitCode).not.toBe(0);
    await applyManifests(controlPlane(), 'observe');
    await eventually('the webhooks to fail open', async () => (await policies()) === 'Ignore Ignore Ignore Ignore');
    expect((await create('second')).exitCode).toBe(0);
    await applyManifests(controlPlane(), 'enforce');
    await eventually('the webhooks to fail closed', async () => (await policies()) === 'Fail Fail Fail Fail');
    expect((await create('third')).stderr).toContain('3 labels keep it out');
  });

  it('keeps the old one where the new one is wrong, and says why', async () => {
    const wrong = JSON.stringify({
      data: { 'config.yaml': 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nmode: enfroce\n' },
    });
    await controlPlane().kubectl(['patch', 'configmap', 'ringfence', '-n', ownNamespace, '--type=merge', '-p', wrong]);
    const said = await eventually('the complaint', () =>
      replica.log().find(({ msg }) => msg === 'configuration not usable, the old one stays'),
    );
    expect(said['reason']).toContain('did you mean "enforce"?');
    expect((await create('fourth')).exitCode).not.toBe(0);
  });
});
