// Every kind of other policy that can open a fence, through every served version, by a user who may
// do everything else.
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openingKinds, otherPolicyKinds } from '../../src/kubernetes/other-policies.ts';
import { fenceMark, modeLabel, modes } from '../../src/policy/mode.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, printBackstop } from './backstop-scene.ts';
import { applyConfiguration, untilFollowed } from './configure.ts';
import {
  type Askers,
  definitionOf,
  expected,
  objectOf,
  outcomeOf,
  outcomes,
  pathOf,
  standIn,
  tryAll,
  untilServed,
} from './foreign-kinds.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { type Manifest, namespace, namespaceLabels } from './objects.ts';
import { openApi, type RawApi } from './raw-api.ts';
import { binding } from './role-holders.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const users = ['tenant', 'opener', 'neighbour'].map((name) => ({ name, groups: ['tenants'] }));
const options = { users, disableAdmissionPlugins: ['ServiceAccount'] };
const late = standIn({
  group: 'cilium.io',
  kind: 'CiliumNetworkPolicy',
  resource: 'ciliumnetworkpolicies',
  scope: 'Namespaced',
});
const standIns = openingKinds.map(standIn).filter(({ kind }) => kind !== late.kind);
const letBy = otherPolicyKinds.filter(({ opens }) => !opens).map(standIn);
const rows = standIns.flatMap((kind) =>
  kind.versions.map((version) => [kind.group, kind.kind, version, kind] as const),
);

/** Every right of Kubernetes on these kinds, and none of Ringfence's. */
const rights: readonly Manifest[] = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'tenants' },
    rules: [{ apiGroups: [...new Set(otherPolicyKinds.map(({ group }) => group))], resources: ['*'], verbs: ['*'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'opens-shop' },
    rules: [{ apiGroups: ['ringfence.dev'], resources: ['fences'], verbs: ['open'], resourceNames: ['shop'] }],
  },
  binding('tenants', 'tenants', 'Group', 'tenants'),
  binding('openers', 'ringfence-policy-opener', 'User', 'opener'),
  binding('neighbours', 'opens-shop', 'User', 'neighbour'),
];

const marked = { ...namespaceLabels, [fenceMark]: 'true' };

describeWithControlPlane('policies of other kinds', options, (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let askers: Askers;
  let neighbour: RawApi;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    askers = {
      admin: openApi(controlPlane(), 'admin'),
      tenant: openApi(controlPlane(), 'tenant'),
      opener: openApi(controlPlane(), 'opener'),
    };
    neighbour = openApi(controlPlane(), 'neighbour');
    await admin.run(`apply -k ${resolve('manifests/roles')}`);
    await admin.run('apply -f -', ...rights);
    await admin.run('apply -f -', ...[...standIns, ...letBy].map(definitionOf));
    await untilServed(askers.admin, [...standIns, ...letBy]);
    await admin.run(
      'apply -f -',
      namespace('shop', marked),
      namespace('plain'),
      namespace('attic', marked),
      namespace('cellar-1', marked),
      ...modes.map((mode) => namespace(`own-${mode}`, { ...marked, [modeLabel]: mode })),
    );
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
  }, 180_000);
  afterAll(async () => {
    for (const api of [...Object.values(askers), neighbour]) api.close();
    await installation.end();
  });

  describe.each(modes)('in a cluster in %s', (mode) => {
    beforeAll(() => configure(`mode: ${mode}\nexempt: {namespaces: [attic, cellar-*]}\n`, outcomes[mode]));

    it.each(rows)('%s %s of %s', async (group, kind, version, foreign) => {
      const name = nameOf(group, kind, version, mode);
      const since = replica.log().length;
      expect(await tryAll(foreign, version, 'shop', name, askers)).toEqual(expected(outcomes[mode]));
      const lines = replica
        .log()
        .slice(since)
        .filter((line) => String(line['name']).startsWith(name));
      const found = lines.filter(({ user }) => user === 'tenant').flatMap(({ findings }) => findings as object[]);
      const action = { observe: 'record', warn: 'warn', enforce: 'deny' }[mode];
      expect(found).toEqual(Array(3).fill(expect.objectContaining({ check: 'other-policy', action })));
      expect(lines.filter(({ user }) => user === 'opener')).toMatchObject([
        { decision: 'allowed', permissions: [`open fences/${foreign.scope === 'Cluster' ? '*' : 'shop'}`] },
      ]);
    });

    it.each(letBy.map((kind) => [kind.group, kind.kind, kind] as const))(
      'lets %s %s by',
      async (group, kind, foreign) => {
        const name = nameOf(group, kind, 'v1', mode);
        expect(await tryAll(foreign, 'v1', 'shop', name, askers)).toEqual(expected('passes'));
      },
    );
  });

  describe('in a cluster that enforces', () => {
    const calico = standIns.find(({ group, kind }) => group === 'crd.projectcalico.org' && kind === 'NetworkPolicy');
    const create = async (api: RawApi, where: string, kind = calico) => {
      if (kind === undefined) throw new Error('no such stand-in');
      const body = objectOf(kind, 'v1', 'any', kind.open);
      return outcomeOf(await api.send('POST', `${pathOf(kind, 'v1', where)}?dryRun=All`, body));
    };

    beforeAll(() => configure('mode: enforce\nexempt: {namespaces: [attic, cellar-*]}\n', 'refused'));

    it.each(modes)('a namespace in %s is judged by its own mode', async (mode) => {
      expect(await create(askers.tenant, `own-${mode}`)).toBe(outcomes[mode]);
    });

    it('neither exempt namespaces nor one without the mark is asked about', async () => {
      await admin.run(`label namespace plain ${fenceMark}-`);
      const since = replica.log().length;
      for (const where of ['plain', 'attic', 'cellar-1'])
        expect(await create(askers.tenant, where), where).toBe('passes');
      expect(
        replica
          .log()
          .slice(since)
          .filter(({ user }) => user === 'tenant'),
      ).toEqual([]);
    });

    it('the permission for one fence opens no other, and no cluster-scoped policy', async () => {
      const wide = standIns.find(({ scope }) => scope === 'Cluster');
      expect([
        await create(neighbour, 'shop'),
        await create(neighbour, 'own-enforce'),
        await create(neighbour, '', wide),
      ]).toEqual(['passes', 'refused', 'refused']);
    });

    it('a kind is guarded from the moment it is served, and one that goes breaks nothing', async () => {
      await admin.run('apply -f -', definitionOf(late));
      const first = await eventually(
        'the kind',
        async () => {
          const outcome = await create(askers.tenant, 'shop', late);
          return outcome.startsWith('404') || outcome.startsWith('405') ? undefined : outcome;
        },
        60_000,
      );
      expect(first).toBe('refused');
      expect(await tryAll(late, 'v2', 'shop', 'late', askers)).toEqual(expected('refused'));
      await admin.run(`delete crd ${late.resource}.${late.group}`);
      expect(await create(askers.tenant, 'shop')).toBe('refused');
      await admin.run('apply -f -', definitionOf(late));
      await untilServed(askers.admin, [late]);
      expect(await create(askers.tenant, 'shop', late)).toBe('refused');
    }, 120_000);

    it('they pass where the configuration leaves them to others', async () => {
      await configure('mode: enforce\notherPolicies: false\n', 'passes');
      expect(await create(askers.tenant, 'shop')).toBe('passes');
    });
  });

  it('the backstop ahead of which Ringfence answers changes no outcome', async () => {
    await configure('mode: enforce\nbackstop: true\n', 'refused');
    await applyPolicies(controlPlane(), askers.admin, await printBackstop(controlPlane()));
    for (const foreign of standIns) {
      const name = nameOf(foreign.group, foreign.kind, 'v2', 'both');
      expect(await tryAll(foreign, 'v2', 'shop', name, askers), name).toEqual(expected('refused'));
    }
  }, 120_000);

  /** Applies a configuration and waits until the API server uses it. */
  async function configure(text: string, outcome: string): Promise<void> {
    await applyConfiguration(controlPlane(), text);
    await untilFollowed(controlPlane());
    for (const kind of [
      standIns.find(({ scope }) => scope === 'Cluster'),
      standIns.find(({ scope }) => scope !== 'Cluster'),
    ]) {
      if (kind === undefined) throw new Error('no stand-in of a scope');
      const probe = objectOf(kind, 'v1', 'probe', kind.open);
      await eventually(`${kind.kind} ${outcome}`, async () => {
        return (
          outcomeOf(await askers.tenant.send('POST', `${pathOf(kind, 'v1', 'shop')}?dryRun=All`, probe)) === outcome
        );
      });
    }
  }
});

function nameOf(group: string, kind: string, version: string, when: string): string {
  return `${group.replaceAll('.', '-')}-${kind.toLowerCase()}-${version}-${when}`;
}
