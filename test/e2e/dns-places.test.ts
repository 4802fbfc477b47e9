// `baseline.dns` with several places: they are in the baseline, and a changed list is followed. The
// backstop agrees.
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, printBackstop, typeAs } from './backstop-scene.ts';
import { applyConfiguration, untilFollowed } from './configure.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { developerRole, type Manifest, namespace } from './objects.ts';
import { grant } from './people.ts';
import { openApi } from './raw-api.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const pods = { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' } };
const others = { namespace: 'dns', podLabels: { app: 'unbound' }, ports: [5353] };
const addresses = { cidrs: ['169.254.20.10/32', '10.96.0.10/32'] };

const ports = (port: number) => [
  { port, protocol: 'UDP' },
  { port, protocol: 'TCP' },
];
const selected = (name: string, matchLabels: object) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
  podSelector: { matchLabels },
});
const blocks = addresses.cidrs.map((cidr) => ({ ipBlock: { cidr } }));
const egress = [
  { ports: ports(53), to: [selected('kube-system', pods.podLabels), ...blocks] },
  { ports: ports(5353), to: [selected('dns', others.podLabels)] },
];

describeWithSharedControlPlane('several places of DNS', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  const configure = (dns: readonly object[]) =>
    applyConfiguration(controlPlane(), `mode: enforce\nbaseline: ${JSON.stringify({ dns })}\n`);

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    await grant(controlPlane(), 'dev', ...developerRole);
    installation = await install(controlPlane(), 'enforce');
    await configure([pods, others, addresses]);
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
    await admin.run('create -f -', namespace('shop'));
  });
  afterAll(() => installation.end());

  /**
   * How often a baseline was made or written again, when this is more than before and no
   * reconciliation waits or runs: it is counted after its last write.
   */
  const repairedSince = (before: number) =>
    eventually('the repair to be counted', async () => {
      const text = await (await fetch(`${replica.adminUrl}/metrics`)).text();
      const [, repaired] = /^ringfence_baseline_reconciliations_total{outcome="repaired"} (\d+)$/m.exec(text) ?? [];
      const isAtRest = /^ringfence_baselines_pending 0$/m.test(text);
      return isAtRest && Number(repaired) > before && Number(repaired);
    });
  const policy = () => admin.get('networkpolicy allow-dns-egress -n shop');

  it('are in the baseline, those of the same ports in one rule, and are repaired once', async () => {
    const made = await eventually('the policy', () => policy().catch(() => undefined));
    expect(made.spec['egress']).toEqual(egress);
    const before = await repairedSince(0);
    const opened = JSON.stringify({ spec: { egress: [{}] } });
    await admin.run(`patch networkpolicy allow-dns-egress -n shop --type=merge -p ${opened}`);
    await eventually('the repair', async () => isDeepStrictEqual((await policy()).spec, made.spec));
    expect(await repairedSince(before)).toBe(before + 1);
  });

  it('are followed when the configuration changes', async () => {
    await configure([pods]);
    await untilFollowed(controlPlane());
    await eventually('the policy to follow', async () => {
      const { spec } = await policy();
      return isDeepStrictEqual(spec['egress'], [{ ports: ports(53), to: [selected('kube-system', pods.podLabels)] }]);
    });
  });

  it('are what the backstop calls the baseline', async () => {
    const backstop = await printBackstop(controlPlane(), { baseline: { dns: [pods, others, addresses] } });
    replica.process.signal('SIGTERM');
    await replica.process.ended;
    await admin.run('delete validatingwebhookconfigurations,mutatingwebhookconfigurations ringfence');
    const api = openApi(controlPlane(), 'admin');
    await applyPolicies(controlPlane(), api, backstop);
    api.close();
    const type = (object: Manifest) => typeAs(controlPlane(), 'dev', 'replace --dry-run=server -f -', object);
    const written = (rules: readonly object[]): Manifest => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'allow-dns-egress', namespace: 'shop', labels: { env: 'prod', tier: 'api', team: 'shop' } },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: rules },
    });
    expect(await type(written(egress))).toBe('passes');
    expect(await type(written(egress.slice(0, 1)))).toBe('baseline-guard');
    expect(await type(written(egress.toReversed()))).toBe('baseline-guard');
  });
});
