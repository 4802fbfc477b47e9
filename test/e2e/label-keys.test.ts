// A label calls the webhook if its key is in the configured taxonomy, however the key is written.
// Other labels call nobody, so they can be changed while no replica answers.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { applyConfiguration, untilFollowed } from './configure.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { namespace, namespaceLabels, pod, podLabels } from './objects.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { decisionsOf } from './traffic.ts';

/** A key with a slash, and one with every other character that a label key may have. */
const keys = ['acme.io/zone', 'It.s_a-key'] as const;
const configuration = `mode: enforce
taxonomy:
${keys.map((key) => `  ${key}: { values: [north, south] }\n`).join('')}`;
const north = Object.fromEntries(keys.map((key) => [key, 'north']));

/** Labels of others: of a failover, an operator, a mesh, an admission controller and a tracker. */
const foreign = [
  ['pod web -n shop', 'role=primary'],
  ['pod web -n shop', 'cnpg.io/instanceRole=primary'],
  ['namespace shop', 'istio-injection=enabled'],
  ['namespace shop', 'pod-security.kubernetes.io/enforce=privileged'],
  ['networkpolicy web -n shop', 'argocd.argoproj.io/instance=shop'],
  // They hold a key of the taxonomy, and are others.
  ['pod web -n shop', 'zone=south'],
  ['pod web -n shop', 'other.acme.io/zone=south'],
  ['pod web -n shop', 'its_a-key=south'],
] as const;
const objects = ['pod web -n shop', 'namespace shop', 'networkpolicy web -n shop'] as const;
const identity = objects.flatMap((object) => keys.map((key) => [object, `${key}=south`] as const));

describeWithSharedControlPlane('a label', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  const set = (object: string, label: string) => `label ${object} ${label} --overwrite`;

  /** Returns how many decisions a change caused. */
  async function decisionsFor(act: () => Promise<unknown>): Promise<number> {
    const before = decisionsOf(replica).length;
    await act();
    // A change that is certainly reviewed, so that the lines before it are written.
    const name = `after-${before}`;
    await admin.refused(`run ${name} --image=web -n shop`);
    await eventually('the line', () => decisionsOf(replica).some((line) => line['name'] === name));
    return decisionsOf(replica).length - before - 1;
  }

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    installation = await install(controlPlane(), 'enforce');
    await applyConfiguration(controlPlane(), configuration);
    replica = await installation.start();
    await replica.untilReady();
    await untilFollowed(controlPlane());
    await admin.run(
      'apply -f -',
      namespace('shop', { ...namespaceLabels, ...north }),
      pod('web', { ...podLabels, ...north }),
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'web', namespace: 'shop', labels: { ...namespaceLabels, ...north } },
        spec: { podSelector: {}, policyTypes: ['Ingress'] },
      },
    );
  });
  afterAll(() => installation.end());

  describe('while Ringfence answers', () => {
    it.each(foreign)('of others calls nobody: %s, %s', async (object, label) => {
      expect(await decisionsFor(() => admin.run(set(object, label)))).toBe(0);
    });

    it.each(identity)('of the taxonomy is judged: %s, %s', async (object, label) => {
      expect(await decisionsFor(() => admin.run(set(object, label)))).toBe(1);
      expect(await admin.refused(set(object, label.replace('south', 'east')))).toContain(
        '"east" is not one of north, south',
      );
    });
  });

  describe('while no replica answers', () => {
    beforeAll(async () => {
      replica.process.signal('SIGKILL');
      await replica.process.ended;
    });

    it.each(foreign)('of others can be changed: %s, %s', async (object, label) => {
      await admin.run(set(object, label.replace(/=.*/, '=baseline')));
    });

    it.each(identity)('of the taxonomy cannot: %s, %s', async (object, label) => {
      await expect(admin.run(set(object, label.replace('south', 'north')))).rejects.toThrow('failed calling webhook');
    });
  });
});
