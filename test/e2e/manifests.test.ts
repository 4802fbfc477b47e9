import { expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';

const account = '--as=system:serviceaccount:ringfence-system:ringfence';

describeWithSharedControlPlane('the manifests', (controlPlane) => {
  /**
   * Runs kubectl as the administrator. Returns its standard output, or its standard error if it
   * failed.
   */
  async function kubectl(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await controlPlane().kubectl(args);
    return exitCode === 0 ? stdout : stderr;
  }

  it.each(['observe', 'enforce'])(
    'are applied by kubectl apply -k, and %s is what the ConfigMap says',
    async (mode) => {
      const { exitCode, stderr } = await controlPlane().kubectl(['apply', '-k', `manifests/overlays/${mode}`]);
      // Standard error would contain the warnings of the API server: unknown fields, pod security,
      // deprecated versions.
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(await kubectl('get', 'configmap', 'ringfence', '-n', 'ringfence-system', '-o', 'yaml')).toContain(
        `mode: ${mode}`,
      );
    },
  );

  it('give Pods that restricted pod security and the quota admit', async () => {
    const pods = ['get', 'pods', '-n', 'ringfence-system', '-o', 'name'];
    await expect.poll(async () => (await kubectl(...pods)).trim().split('\n').length, { timeout: 90_000 }).toBe(3);
  });

  it.each([
    ['create', 'networkpolicies.networking.k8s.io', '-A', 'yes'],
    ['delete', 'networkpolicies.networking.k8s.io', '-A', 'no'],
    ['update', 'namespaces', '-A', 'no'],
    ['get', 'secrets/ringfence-tls', '-nringfence-system', 'yes'],
    ['get', 'secrets/other', '-nringfence-system', 'no'],
    ['list', 'secrets', '-A', 'no'],
    ['list', 'configmaps/ringfence', '-nringfence-system', 'no'],
    ['list', 'configmaps', '-nringfence-system', 'no'],
    ['update', 'validatingwebhookconfigurations/ringfence', '-A', 'yes'],
    ['update', 'validatingwebhookconfigurations/other', '-A', 'no'],
    ['delete', 'validatingwebhookconfigurations/ringfence', '-A', 'no'],
  ])('let the service account %s %s (%s): %s', async (verb, resource, where, answer) => {
    const { stdout } = await controlPlane().kubectl(['auth', 'can-i', verb, resource, where, account]);
    expect(stdout.trim()).toBe(answer);
  });

  it('go by kubectl delete -k, with the right to put the webhooks back gone first', async () => {
    await kubectl('delete', 'clusterrolebinding', 'ringfence-webhooks');
    const args = ['delete', '-k', 'manifests/overlays/enforce', '--ignore-not-found', '--timeout=60s'];
    const { exitCode, stderr } = await controlPlane().kubectl(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await kubectl('get', 'clusterroles', 'ringfence', 'ringfence-webhooks', '--ignore-not-found')).toBe('');
  });
});
