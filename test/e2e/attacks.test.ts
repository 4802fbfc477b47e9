// Attacks by a user with every right of Kubernetes in the cluster, but none of Ringfence's
// permissions.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import {
  developerRole,
  generated,
  inNamespace,
  type Manifest,
  namespace,
  namespaceLabels,
  networkPolicy,
  pod,
  podLabels,
  workload,
} from './objects.ts';
import { grant } from './people.ts';
import { findingsIn, openTerminal, type StoredObject, type Terminal } from './terminal.ts';

const anotherTier = ['  tier  "data" is not its namespace\'s; namespace shop says tier=api  [label-agreement]'];
const exposed = ['  expose  "true" is not allowed here; namespace vault says expose=false  [namespace-exposure]'];

describeWithSharedControlPlane('attacks', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...developerRole);
    await dev.run('apply -f -', namespace('shop'), namespace('vault', { ...namespaceLabels, expose: 'false' }));
    await dev.run('apply -f -', pod('web'), inNamespace('vault', pod('web')), node('node-1'));
  });
  afterAll(() => installation.end());

  const decisions = () => replica.log().filter(({ msg }) => msg === 'admission decision').length;

  describe('another identity for a Pod that is in', () => {
    it.each([
      ['its status', 'patch pod web -n shop --subresource=status'],
      ['itself', 'patch pod web -n shop'],
    ])('through %s, by patch', async (_title, command) => {
      const patch = JSON.stringify({ metadata: { labels: { tier: 'data' } } });
      expect(findingsIn(await dev.refused(`${command} -p ${patch}`))).toEqual(anotherTier);
    });

    it.each(['', '/status'])('through pods%s, by replacement', async (subresource) => {
      const stored = await dev.get<Manifest & StoredObject>('pod web -n shop');
      const changed = { ...stored, metadata: { ...stored.metadata, labels: { ...podLabels, tier: 'data' } } };
      const path = `/api/v1/namespaces/shop/pods/web${subresource}`;
      expect(findingsIn(await dev.refused(`replace --raw ${path} -f -`, changed))).toEqual(anotherTier);
    });

    it.each(['pods/web/binding', 'bindings'])('through %s', async (resource) => {
      const create = (binding: Manifest, where: string) =>
        dev.refused(`create --raw /api/v1/namespaces/${where}/${resource} -f -`, binding);
      expect(findingsIn(await create(binding('shop', { tier: 'data' }), 'shop'))).toEqual(anotherTier);
      expect(findingsIn(await create(binding('vault', { expose: 'true' }), 'vault'))).toEqual(exposed);
      expect((await dev.get('pod web -n vault')).metadata.labels).toEqual(podLabels);
    });

    it('a forged expose, in a namespace that must not be', async () => {
      expect(findingsIn(await dev.refused('label pod web -n vault expose=true --overwrite'))).toEqual(exposed);
      expect(
        findingsIn(
          await dev.refused(
            'apply -f -',
            inNamespace('vault', workload('Deployment', 'web', { ...podLabels, expose: 'true' })),
          ),
        ),
      ).toEqual(exposed);
    });

    it("but the scheduler's Binding, with the zone of its node, passes without a call", async () => {
      const before = decisions();
      const zone = { 'topology.kubernetes.io/zone': 'z1', 'topology.kubernetes.io/region': 'r1' };
      await dev.run('create --raw /api/v1/namespaces/shop/pods/web/binding -f -', binding('shop', zone));
      expect(decisions()).toBe(before);
      expect((await dev.get('pod web -n shop')).metadata.labels).toEqual({ ...podLabels, ...zone });
    });

    it('through subresources that carry no labels', async () => {
      const patch = JSON.stringify({ metadata: { labels: { tier: 'data' } } });
      await dev.run(`patch pod web -n shop --subresource=resize -p ${patch}`);
      expect((await dev.get('pod web -n shop')).metadata.labels).toMatchObject({ tier: 'api' });
    });
  });

  describe('another identity for a namespace', () => {
    it.each([
      ['status', { env: 'prd' }, '  env  "prd" is not one of prod, staging, dev; did you mean "prod"?  [label-values]'],
      [
        'finalize',
        { env: 'prd' },
        '  env  "prd" is not one of prod, staging, dev; did you mean "prod"?  [label-values]',
      ],
      ['status', {}, '  env  missing; one of prod, staging, dev  [required-labels]'],
    ])('through namespaces/%s, by replacement with %o', async (subresource, env, finding) => {
      const stored = await dev.get<Manifest & StoredObject>('namespace vault');
      const { env: _, ...labels } = stored.metadata.labels ?? {};
      const changed = { ...stored, metadata: { ...stored.metadata, labels: { ...labels, ...env } } };
      const refusal = await dev.refused(`replace --raw /api/v1/namespaces/vault/${subresource} -f -`, changed);
      // Findings are in columns, so the number of spaces depends on the longest.
      const findings = findingsIn(refusal).map((line) => line.replace(/ {2,}\[/, '  ['));
      expect(findings).toContain(finding);
      expect(findings.at(-1)).toContain('dev may not relabel vault  [relabel]');
    });

    it('through a patch of its status', async () => {
      const patch = JSON.stringify({ metadata: { labels: { tier: null } } });
      await dev.refused(`patch namespace vault --subresource=status --type=merge -p ${patch}`);
    });
  });

  describe('exemption of oneself', () => {
    it.each(['kube-system', 'ringfence-system'])('a generated name under the forged label of %s', async (exempt) => {
      const forged = { ...namespaceLabels, 'kubernetes.io/metadata.name': exempt };
      expect(
        await dev.refused('create -f -', generated('free-', namespace('', { 'kubernetes.io/metadata.name': exempt }))),
      ).toContain('3 labels keep it out');
      const name = (await dev.run('create -f - -o name', generated('free-', namespace('', forged))))
        .trim()
        .split('/')[1];
      expect((await dev.get(`namespace ${name}`)).metadata.labels).toMatchObject({
        'ringfence.dev/fence': 'true',
        'kubernetes.io/metadata.name': name,
      });
      await dev.refused('apply -f -', inNamespace(name ?? '', pod('web', {})));
    });

    it.each(['kube-system-2', 'my-ringfence-system', 'default-2'])('a name like an exempt one: %s', async (name) => {
      await dev.refused(`create namespace ${name}`);
    });

    it.each([{ 'ringfence.dev/exempt': 'true', 'control-plane': 'true' }, { 'ringfence.dev/fence': 'false' }])(
      'a namespace labelled %o',
      async (labels) => {
        const [key = ''] = Object.keys(labels);
        const name = key.split('/')[1] ?? '';
        await dev.run('apply -f -', namespace(name, { ...namespaceLabels, ...(labels as Record<string, string>) }));
        expect((await dev.get(`namespace ${name}`)).metadata.labels).toHaveProperty(['ringfence.dev/fence']);
        await eventually('the baseline', () => isWalled(name));
        await dev.refused('apply -f -', inNamespace(name, pod('web', {})));
      },
    );

    it('a namespace that asks for a milder mode than the cluster', async () => {
      const refusal = await dev.refused(
        'apply -f -',
        namespace('mode', { ...namespaceLabels, 'ringfence.dev/mode': 'observe' }),
      );
      expect(refusal).toContain('observe is milder than enforce, which holds now; dev may not lower mode  [lower]');
    });

    it('a Pod labelled as if it were elsewhere', async () => {
      await dev.refused(
        'apply -f -',
        pod('forged', { 'kubernetes.io/metadata.name': 'kube-system', 'ringfence.dev/exempt': 'true' }),
      );
    });

    it('but what lives in kube-system is free, by configuration', async () => {
      const before = decisions();
      const everything = [pod('dns', {}, { hostNetwork: true }), networkPolicy('open', {}, { ingress: [{}] })];
      await dev.run('apply -f -', ...everything.map((one) => inNamespace('kube-system', one)));
      expect(decisions()).toBe(before);
    });
  });

  it('while the wall cannot be made no Pod enters; a dry run is answered, and makes nothing', async () => {
    await dev.run('apply -f -', namespace('gated'));
    await eventually('the baseline', () => isWalled('gated'));
    const role = await admin.get<Manifest>('clusterrole ringfence');
    // Without this right the baseline is not made, and the gate has to report it.
    await admin.run(
      'patch clusterrole ringfence --type=json -p [{"op":"replace","path":"/rules/1/verbs","value":["get","list","watch"]}]',
    );
    await admin.run('delete networkpolicy deny-all-baseline allow-dns-egress -n gated');
    await dev.run('apply --dry-run=server -f -', inNamespace('gated', pod('web')));
    expect(last()).toMatchObject({ resource: 'pods', decision: 'allowed', dryRun: true, baseline: 'dry-run' });
    expect(await dev.refused('apply -f -', inNamespace('gated', pod('web')))).toContain(
      'baseline  not decided: whether deny-all-baseline is there: namespace gated could not be looked at:',
    );
    expect(await isWalled('gated')).toBe(false);

    await admin.run('apply -f -', { ...role, metadata: { name: 'ringfence' } });
    await eventually('the gate to make the wall', async () => {
      await dev.run('apply -f -', inNamespace('gated', pod('web'))).catch(() => undefined);
      return last()?.['decision'] === 'allowed';
    });
    expect(await isWalled('gated')).toBe(true);
  });

  it('refuses to take the mark off a namespace without the permission to lower', async () => {
    const lower = 'Needed: the verb "lower" on fences.ringfence.dev named "shop"';
    expect(await dev.refused('label namespace shop ringfence.dev/fence-')).toContain(lower);
    const stored = await dev.get<Manifest & StoredObject>('namespace shop');
    const { 'ringfence.dev/fence': _, ...labels } = stored.metadata.labels ?? {};
    const bare = { ...stored, metadata: { ...stored.metadata, labels } };
    expect(await dev.refused('replace --raw /api/v1/namespaces/shop/finalize -f -', bare)).toContain(lower);
  });

  function last() {
    return replica.log().findLast(({ msg }) => msg === 'admission decision');
  }

  async function isWalled(name: string): Promise<boolean> {
    return (await dev.run(`get networkpolicies -n ${name} -o name`)).includes('deny-all-baseline');
  }
});

function binding(where: string, labels: Readonly<Record<string, string>>): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'web', namespace: where, labels },
    target: { apiVersion: 'v1', kind: 'Node', name: 'node-1' },
  };
}

function node(name: string): Manifest {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name } };
}
