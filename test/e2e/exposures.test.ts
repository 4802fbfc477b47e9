// What leads the outside to Pods, at admission: only if the configuration raises the check.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modeLabel } from '../../src/policy/mode.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { applyConfiguration, untilFollowed } from './configure.ts';
import { type Installation, install, type Replica } from './installation.ts';
import { inNamespace, type Manifest, namespace, namespaceLabels, pod, podLabels, workload } from './objects.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const service = (name: string, app: string, spec: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { selector: { app }, ports: [{ port: 80 }], type: 'LoadBalancer', ...spec },
});
const ingress: Manifest = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { defaultBackend: { service: { name: 'inner', port: { number: 80 } } } },
};

describeWithSharedControlPlane('exposures at admission', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  const callsFor = (resource: string) => replica.log().filter((line) => line.resource === resource).length;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
    await admin.run('apply -f -', namespace('shop'), namespace('soft', { ...namespaceLabels, [modeLabel]: 'warn' }));
    await admin.run(
      'apply -f -',
      pod('hidden', { ...podLabels, app: 'hidden' }),
      pod('open', { ...podLabels, app: 'open', expose: 'true' }),
      inNamespace('soft', pod('hidden', { ...podLabels, app: 'hidden' })),
      {
        ...workload('Deployment', 'back'),
        spec: { ...(workload('Deployment', 'back')['spec'] as object), replicas: 1 },
      },
    );
  });
  afterAll(() => installation.end());

  it('are not asked about by default', async () => {
    await admin.run('apply -f -', service('before', 'hidden'));
    expect(callsFor('services')).toBe(0);
  });

  it('are refused where they lead to Pods that do not say so, once the check is raised', async () => {
    await applyConfiguration(controlPlane(), 'mode: enforce\nchecks: {exposed-unexpected: enforce}\n');
    await untilFollowed(controlPlane());
    const refusal = await admin.refused('apply -f -', service('wrong', 'hidden'));
    expect(refusal).toContain(
      '"exposures.ringfence.dev" denied the request: Service shop/wrong: 1 finding keeps it out',
    );
    expect(refusal).toContain('type  LoadBalancer leads the outside to hidden, which is not expose="true"');
    await admin.run('apply -f -', service('right', 'open'), service('inner', 'back', { type: 'ClusterIP' }));
    expect(await admin.refused('apply -f -', ingress)).toContain('leads the outside to deployment/back, which is not');
    expect(await admin.run('apply -f -', inNamespace('soft', service('wrong', 'hidden')))).toContain(
      'Warning: Service',
    );
  });

  it('that stand may change, but not to something worse; and an inner Service calls nobody', async () => {
    const calls = callsFor('services');
    await admin.run('annotate service before -n shop note=1');
    await admin.run('annotate service inner -n shop note=1');
    await admin.run('patch service inner -n shop --type=merge -p {"spec":{"sessionAffinity":"ClientIP"}}');
    expect(callsFor('services')).toBe(calls);
    const kept = await admin.run(
      'patch service before -n shop --type=merge -p {"spec":{"sessionAffinity":"ClientIP"}}',
    );
    expect(kept).toContain('(as before)');
    const worse = 'patch service inner -n shop --type=merge -p {"spec":{"type":"NodePort"}}';
    expect(await admin.refused(worse)).toContain('NodePort leads the outside to deployment/back');
  });
});
