// Policies of other kinds with only the backstop, without a webhook.
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openingKinds, otherPolicyKinds } from '../../src/kubernetes/other-policies.ts';
import { fenceMark, modeLabel, modes } from '../../src/policy/mode.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, printBackstop } from './backstop-scene.ts';
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
import { namespace, namespaceLabels } from './objects.ts';
import { openApi } from './raw-api.ts';
import { binding } from './role-holders.ts';
import { openTerminal } from './terminal.ts';

const users = ['tenant', 'opener'].map((name) => ({ name, groups: ['tenants'] }));
const options = { users, controllers: false, disableAdmissionPlugins: ['ServiceAccount'] };
const standIns = openingKinds.map(standIn);
const letBy = otherPolicyKinds.filter(({ opens }) => !opens).map(standIn);
const rows = standIns.flatMap((kind) =>
  kind.versions.map((version) => [kind.group, kind.kind, version, kind] as const),
);
const marked = { ...namespaceLabels, [fenceMark]: 'true' };
const exempt = { namespaces: ['attic', 'cellar-*'] };

describeWithControlPlane('policies of other kinds before the backstop alone', options, (controlPlane) => {
  let askers: Askers;

  beforeAll(async () => {
    const admin = openTerminal(controlPlane(), 'admin');
    askers = {
      admin: openApi(controlPlane(), 'admin'),
      tenant: openApi(controlPlane(), 'tenant'),
      opener: openApi(controlPlane(), 'opener'),
    };
    const groups = [...new Set(otherPolicyKinds.map(({ group }) => group))];
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'tenants' } };
    await admin.run(`apply -k ${resolve('manifests/roles')}`);
    await admin.run(
      'apply -f -',
      { ...role, rules: [{ apiGroups: groups, resources: ['*'], verbs: ['*'] }] },
      binding('tenants', 'tenants', 'Group', 'tenants'),
      binding('openers', 'ringfence-policy-opener', 'User', 'opener'),
      namespace('shop', marked),
      namespace('attic', marked),
      namespace('cellar-1', marked),
      namespace('plain'),
      ...modes.map((mode) => namespace(`own-${mode}`, { ...marked, [modeLabel]: mode })),
    );
    await admin.run('apply -f -', ...[...standIns, ...letBy].map(definitionOf));
    await untilServed(askers.admin, [...standIns, ...letBy]);
  }, 180_000);
  afterAll(() => {
    for (const api of Object.values(askers)) api.close();
  });

  describe.each(modes)('in a cluster in %s', (mode) => {
    beforeAll(async () => {
      await applyPolicies(controlPlane(), askers.admin, await printBackstop(controlPlane(), { mode, exempt }));
    });

    it.each(rows)('%s %s of %s', async (group, kind, version, foreign) => {
      const name = `${group.replaceAll('.', '-')}-${kind.toLowerCase()}-${version}-${mode}`;
      expect(await tryAll(foreign, version, 'shop', name, askers)).toEqual(expected(outcomes[mode]));
    });

    it('lets the kinds by that only narrow', async () => {
      for (const kind of letBy)
        expect(await tryAll(kind, 'v1', 'shop', `${kind.kind.toLowerCase()}-${mode}`, askers)).toEqual(
          expected('passes'),
        );
    });

    it('asks by the namespace’s own mode, and nothing where there is no fence or an exemption', async () => {
      const [kind] = standIns;
      if (kind === undefined) throw new Error('no stand-in');
      const create = async (where: string) => {
        const body = objectOf(kind, 'v1', 'any', kind.open);
        return outcomeOf(await askers.tenant.send('POST', `${pathOf(kind, 'v1', where)}?dryRun=All`, body));
      };
      const seen = await Promise.all(
        ['own-observe', 'own-warn', 'own-enforce', 'plain', 'attic', 'cellar-1'].map(create),
      );
      expect(seen).toEqual(['passes', 'warns', 'refused', 'passes', 'passes', 'passes']);
    });
  });

  it('asks nothing where the configuration leaves them to others', async () => {
    const [kind] = standIns;
    if (kind === undefined) throw new Error('no stand-in');
    const backstop = await printBackstop(controlPlane(), { otherPolicies: false });
    await applyPolicies(controlPlane(), askers.admin, backstop);
    expect(await tryAll(kind, 'v1', 'shop', 'off', askers)).toEqual(expected('passes'));
  });
});
