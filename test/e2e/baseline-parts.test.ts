// The optional parts of the baseline on a real API server: they are made, guarded, and taken back
// when the configuration no longer has them. The backstop agrees.
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { baselineParts, desiredBaseline } from '../../src/baseline/desired.ts';
import { hasDesiredSpec } from '../../src/baseline/equality.ts';
import { optionalNames } from '../../src/baseline/names.ts';
import { configWithParts, everyPart } from '../baseline/parts.fixture.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, printBackstop, typeAs } from './backstop-scene.ts';
import { applyConfiguration } from './configure.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { developerRole, type Manifest, namespace, namespaceLabels } from './objects.ts';
import { grant } from './people.ts';
import { openApi } from './raw-api.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const identity = { env: 'prod', tier: 'api', team: 'shop' };
const desired = desiredBaseline({ name: 'shop', labels: new Map(Object.entries(identity)) }, configWithParts());

describeWithSharedControlPlane('the optional parts of the baseline', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  const configure = (file: object) =>
    applyConfiguration(
      controlPlane(),
      Object.entries({ mode: 'enforce', ...file })
        .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
        .join(''),
    );

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    await grant(controlPlane(), 'dev', ...developerRole);
    installation = await install(controlPlane(), 'enforce');
    await configure(everyPart);
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
    await admin.run('create -f -', namespace('shop', { ...namespaceLabels, ...identity }));
  });
  afterAll(() => installation.end());

  const policy = (name: string) => admin.get(`networkpolicy ${name} -n shop`).catch(() => undefined);

  it('are all made, and equal under the defaults of the API server', async () => {
    for (const one of desired) {
      const name = one.metadata.name ?? '';
      const found = await eventually(`the policy ${name}`, () => policy(name));
      expect(hasDesiredSpec(found, one)).toBe(true);
      expect(found.metadata.labels).toMatchObject(one.metadata.labels ?? {});
    }
  });

  it.each(Object.values(optionalNames))('%s is guarded', async (name) => {
    const opened = JSON.stringify({ spec: { ingress: [{}] } });
    const said = await admin
      .run(`patch networkpolicy ${name} -n shop --type=merge -p ${opened} --as=dev --as-group=developers`)
      .catch(String);
    expect(said).toContain('[baseline-guard]');
  });

  it("are taken back when the configuration no longer has them, and are then nobody's", async () => {
    await configure({ peers: everyPart.peers });
    for (const name of Object.values(optionalNames))
      await eventually(`${name} to allow nothing`, async () => {
        const { spec = {} } = (await policy(name)) ?? {};
        return spec['ingress'] === undefined && spec['egress'] === undefined;
      });
    await admin.run(`delete networkpolicy ${Object.values(optionalNames).join(' ')} -n shop`);
    await configure(everyPart);
    await eventually('the parts', async () =>
      (await Promise.all(Object.values(optionalNames).map(policy))).every((found) => found !== undefined),
    );
  });

  it('have DNS where the cluster says, with auto, and follow it', async () => {
    const selector = { 'dns.operator.openshift.io/daemonset-dns': 'default' };
    const service = (targetPort: number): Manifest => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'dns-default', namespace: 'openshift-dns' },
      spec: { selector, ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort }] },
    });
    const opened = async () => {
      const { spec = {} } = (await policy('allow-dns-egress')) ?? {};
      return (spec['egress'] as readonly { readonly ports: readonly { readonly port: number }[] }[])[0]?.ports[0]?.port;
    };
    await admin.run('apply -f -', namespace('openshift-dns', { ...namespaceLabels, ...identity }), service(5454));
    await configure({ ...everyPart, baseline: { ...everyPart.baseline, dns: 'auto' } });
    await eventually('the port of the Pods', async () => (await opened()) === 5454);
    const made = await policy('allow-dns-egress');
    expect(made?.spec).toMatchObject({ egress: [{ to: [{ podSelector: { matchLabels: selector } }] }] });
    await admin.run('apply -f -', service(8053));
    await eventually('the changed port', async () => (await opened()) === 8053);
    // A Service that is away for a moment changes nothing.
    await admin.run('delete service dns-default -n openshift-dns');
    await eventually('the replica to notice', async () =>
      (await (await fetch(`${replica.adminUrl}/readyz`)).text()).includes('what was found before stays'),
    );
    expect(await opened()).toBe(8053);
    await configure(everyPart);
    await eventually('the list', async () => (await opened()) === 5353);
  });

  it('are what the backstop calls the baseline, with a label of their own', async () => {
    const backstop = await printBackstop(controlPlane(), everyPart);
    replica.process.signal('SIGTERM');
    await replica.process.ended;
    await admin.run('delete validatingwebhookconfigurations,mutatingwebhookconfigurations ringfence');
    const api = openApi(controlPlane(), 'admin');
    await applyPolicies(controlPlane(), api, backstop);
    api.close();
    const type = (object: Manifest) => typeAs(controlPlane(), 'dev', 'replace --dry-run=server -f -', object);
    for (const { apiVersion, kind, metadata, spec = {} } of desired) {
      const { name = '', labels = {} } = metadata;
      const written = (more: object): Manifest => ({
        apiVersion,
        kind,
        metadata: { name, namespace: 'shop', labels: { ...labels, ...more } },
        spec: Object.fromEntries(Object.entries(spec).filter(([, value]) => !isDeepStrictEqual(value, []))),
      });
      expect([name, await type(written({}))]).toEqual([name, 'passes']);
      const own = labels['expose'];
      expect([name, await type(written({ expose: own === undefined ? 'true' : 'false' }))]).toEqual([
        name,
        'baseline-guard',
      ]);
    }
    expect(desired).toHaveLength(baselineParts(configWithParts()).length);
  });
});
