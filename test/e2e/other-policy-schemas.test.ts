// The kinds of Cilium and of network-policy-api with the schemas of their projects, from Go
// modules.
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderBaseline } from '../../src/baseline/dialects/dialect.ts';
import { fenceMark, type Mode, modes } from '../../src/policy/mode.ts';
import { configWithParts } from '../baseline/parts.fixture.ts';
import { describeWithSources } from '../control-plane/go-source.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, printBackstop } from './backstop-scene.ts';
import { applyConfiguration, untilFollowed } from './configure.ts';
import { type Askers, expected, objectOf, outcomeOf, outcomes, pathOf, tryAll, untilServed } from './foreign-kinds.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { type Manifest, namespace, namespaceLabels } from './objects.ts';
import { openApi } from './raw-api.ts';
import { type Definition, kindOf, readDefinitions, realKindSources } from './real-kinds.ts';
import { binding } from './role-holders.ts';
import { openTerminal } from './terminal.ts';

const selecting = (rules: object) => ({ endpointSelector: {}, ...rules });
const everyone = selecting({ ingress: [{ fromEntities: ['all'] }], egress: [{ toEntities: ['all'] }] });
const tiered = (action: string) => ({
  tier: 'Admin',
  priority: 10,
  subject: { namespaces: {} },
  ingress: [{ action, from: [{ namespaces: {} }] }],
});

/** For each definition: a spec that denies everything and a spec that opens everything. */
const specs: readonly (readonly [harmless: object, open: object])[] = [
  [selecting({ ingress: [{}], egress: [{}] }), everyone],
  [selecting({ ingress: [{}] }), everyone],
  [{ externalCIDRs: ['192.0.2.0/24'] }, { externalCIDRs: ['0.0.0.0/0'] }],
  [tiered('Deny'), tiered('Accept')],
];

const users = ['tenant', 'opener'].map((name) => ({ name, groups: ['tenants'] }));
const options = { users, disableAdmissionPlugins: ['ServiceAccount'] };

await describeWithSources('with the schemas of their projects', realKindSources, (folders) => {
  const definitions = readDefinitions(folders);
  const read = specs.map(([harmless, open], at) => {
    const definition = definitions[at] as Definition;
    return { definition, kind: kindOf(definition, harmless, open) };
  });
  const kinds = read.map(({ kind }) => kind);
  const rows = kinds.flatMap((kind) => kind.versions.map((version) => [kind, version] as const));

  it('a kind has the versions that are known to be served', () => {
    expect(kinds.map(({ kind, scope, versions }) => `${kind} ${scope} ${versions.join(',')}`)).toEqual([
      'CiliumNetworkPolicy Namespaced v2',
      'CiliumClusterwideNetworkPolicy Cluster v2',
      'CiliumCIDRGroup Cluster v2,v2alpha1',
      'ClusterNetworkPolicy Cluster v1alpha2,v1beta1',
    ]);
  });

  describeWithControlPlane('policies of other kinds', options, (controlPlane) => {
    let installation: Installation;
    let replica: Replica;
    let askers: Askers;

    beforeAll(async () => {
      const admin = openTerminal(controlPlane(), 'admin');
      const [own, tenant, opener] = ['admin', 'tenant', 'opener'].map((user) => openApi(controlPlane(), user));
      if (own === undefined || tenant === undefined || opener === undefined) throw new Error('unreachable');
      askers = { admin: own, tenant, opener };
      const rights = [{ apiGroups: kinds.map(({ group }) => group), resources: ['*'], verbs: ['*'] }];
      const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'tenants' } };
      await admin.run(`apply -k ${resolve('manifests/roles')}`);
      await admin.run(
        'apply -f -',
        { ...role, rules: rights },
        binding('tenants', 'tenants', 'Group', 'tenants'),
        binding('openers', 'ringfence-policy-opener', 'User', 'opener'),
        namespace('shop', { ...namespaceLabels, [fenceMark]: 'true' }),
      );
      // The definitions are larger than the annotation that a client-side apply writes.
      await admin.run('create -f -', ...read.map(({ definition }) => definition));
      await untilServed(askers.admin, kinds);
      installation = await install(controlPlane(), 'enforce');
      replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
      await replica.untilReady();
    }, 180_000);
    afterAll(async () => {
      for (const api of Object.values(askers)) api.close();
      await installation.end();
    });

    it.each([
      ['cilium', 'v1beta1'],
      ['clusternetworkpolicy', 'v1beta1'],
      ['clusternetworkpolicy', 'v1alpha2'],
    ] as const)('accept the baseline with every part as %s, %s', async (dialect, version) => {
      const shop = { name: 'shop', labels: new Map(Object.entries(namespaceLabels)) };
      const rendered = renderBaseline(dialect, shop, configWithParts(), version).map(
        ({ object }) => object as Manifest,
      );
      await openTerminal(controlPlane(), 'admin').run('create --dry-run=server --validate=strict -f -', ...rendered);
      expect(rendered.length).toBeGreaterThan(5);
    });

    it.each(modes)(
      'open nothing without the permission, in %s',
      async (mode) => {
        await configure(`mode: ${mode}\n`, mode);
        await tryRows(mode, mode);
      },
      120_000,
    );

    it('nor with the backstop installed', async () => {
      await configure('mode: enforce\nbackstop: true\n', 'enforce');
      await applyPolicies(controlPlane(), askers.admin, await printBackstop(controlPlane()));
      await tryRows('enforce', 'both');
    }, 120_000);

    describe('with the backstop alone', () => {
      beforeAll(async () => {
        replica.process.signal('SIGTERM');
        await replica.process.ended;
        for (const kind of ['validating', 'mutating'])
          await openTerminal(controlPlane(), 'admin').run(`delete ${kind}webhookconfiguration ringfence`);
      });

      it.each(modes)(
        'nor in %s',
        async (mode) => {
          await applyPolicies(controlPlane(), askers.admin, await printBackstop(controlPlane(), { mode }));
          await tryRows(mode, `alone-${mode}`);
        },
        120_000,
      );
    });

    async function tryRows(mode: Mode, when: string): Promise<void> {
      for (const [kind, version] of rows)
        expect(
          await tryAll(kind, version, 'shop', `${kind.resource}-${version}-${when}`, askers),
          `${kind.kind} of ${version}`,
        ).toEqual(expected(outcomes[mode]));
      if (mode === 'enforce') expect(await changeBeside(when)).toEqual(['refused', 'refused', 'passes']);
    }

    /**
     * Changes outside the spec: rules beside it, labels that policies select, and labels that none
     * selects.
     */
    async function changeBeside(when: string): Promise<readonly string[]> {
      const labels = { trusted: 'yes' };
      const changes: readonly (readonly [number, object, object])[] = [
        [0, { specs: [everyone] }, {}],
        [2, {}, { labels }],
        [0, {}, { labels }],
      ];
      const seen: string[] = [];
      for (const [index, change, metadata] of changes) {
        const kind = kinds[index];
        if (kind === undefined) throw new Error('no such kind');
        const name = `beside-${when}-${seen.length}`;
        const made = await askers.admin.send(
          'POST',
          pathOf(kind, 'v2', 'shop'),
          objectOf(kind, 'v2', name, kind.harmless),
        );
        const stored = made.body as Manifest;
        const changed = { ...stored, ...change, metadata: { ...(stored['metadata'] as object), ...metadata } };
        seen.push(outcomeOf(await askers.tenant.send('PUT', `${pathOf(kind, 'v2', 'shop')}/${name}`, changed)));
      }
      return seen;
    }

    async function configure(text: string, mode: Mode): Promise<void> {
      await applyConfiguration(controlPlane(), text);
      await untilFollowed(controlPlane());
      for (const kind of kinds.slice(0, 2)) {
        const probe = objectOf(kind, 'v2', 'probe', kind.open);
        await eventually(`${kind.kind} in ${mode}`, async () => {
          const path = `${pathOf(kind, 'v2', 'shop')}?dryRun=All`;
          return outcomeOf(await askers.tenant.send('POST', path, probe)) === outcomes[mode];
        });
      }
    }
  });
});
