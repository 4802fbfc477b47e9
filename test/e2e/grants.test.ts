// The message for a user without a permission, and the RBAC that grants it: as printed and as
// shipped.
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Installation, install, type LogLine, type Replica } from './installation.ts';
import { handsOf, shopInDev } from './namespace-changes.ts';
import { type Manifest, namespace } from './objects.ts';
import { grant } from './people.ts';
import { binding, bindRoles } from './role-holders.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const rbac = 'rbac.authorization.k8s.io';
const command = ['label', '--overwrite', 'namespace', 'shop-web', 'tier=web', 'env=prod'];

describeWithSharedControlPlane('what someone may not', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    installation = await install(controlPlane(), 'enforce');
    await bindRoles(admin);
    replica = await installation.start();
    await replica.untilReady();
    await eventually('the API server to ask', async () => {
      const { exitCode } = await controlPlane().kubectl(['create', 'namespace', 'unlabelled', '--dry-run=server']);
      return exitCode !== 0;
    });
    await admin.run('apply -f -', namespace('shop-web', shopInDev), namespace('shop-api', shopInDev));
  });
  afterAll(() => installation.end());

  it('says what is missing, on which resource and name, and the RBAC that grants it: applied as printed, it does', async () => {
    const { exitCode, stderr } = await handsOf(controlPlane(), 'stranger').kubectl(command);
    expect({ exitCode, stderr: stderr.trimEnd() }).toEqual({
      exitCode: 1,
      stderr: `\
Error from server (Forbidden): admission webhook "namespaces.ringfence.dev" denied the request: Namespace shop-web: 4 permissions are missing
  env   was "dev"; stranger may not relabel shop-web            [relabel]
  env   "prod" is an identity; stranger may not claim env:prod  [claim]
  tier  was "api"; stranger may not relabel shop-web            [relabel]
  tier  "web" is an identity; stranger may not claim tier:web   [claim]
Needed: the verb "relabel" on fences.ringfence.dev named "shop-web"
Needed: the verb "claim" on identities.ringfence.dev named "env:prod", "tier:web"
Granted by a ClusterRole, bound by a ClusterRoleBinding, with
  rules:
  - {apiGroups: [ringfence.dev], resources: [fences], verbs: [relabel], resourceNames: ["shop-web"]}
  - {apiGroups: [ringfence.dev], resources: [identities], verbs: [claim], resourceNames: ["env:prod", "tier:web"]}`,
    });
    const rules = stderr.slice(stderr.indexOf('  rules:')).replaceAll(/^ {2}/gm, '');
    const role = `apiVersion: ${rbac}/v1\nkind: ClusterRole\nmetadata: {name: as-printed}\n${rules}`;
    const applied = await controlPlane().kubectl(['apply', '-f', '-'], { input: role });
    expect(applied).toMatchObject({ exitCode: 0 });
    // A RoleBinding in the namespace itself grants nothing, because these resources are
    // cluster-scoped.
    await admin.run('create rolebinding as-printed -n shop-web --clusterrole=as-printed --user=stranger');
    expect((await handsOf(controlPlane(), 'stranger').kubectl(command)).exitCode).toBe(1);
    await admin.run('apply -f -', binding('as-printed', 'as-printed', 'User', 'stranger'));
    await eventually('what was granted', async () => {
      return (await handsOf(controlPlane(), 'stranger').kubectl(command)).exitCode === 0;
    });
    expect(decisions().at(-1)).toMatchObject({
      user: 'stranger',
      decision: 'allowed',
      findings: [],
      permissions: ['relabel fences/shop-web', 'claim identities/env:prod', 'claim identities/tier:web'],
    });
    await admin.run('delete clusterrolebinding as-printed');
  });

  it('is spared whom two roles together give what is needed, in this namespace and no other', async () => {
    await admin.run(`apply -f ${resolve('manifests/roles/examples/relabel-one-namespace.yaml')}`);
    await admin.run('label namespace shop-web env=dev tier=api --overwrite');
    const lead = handsOf(controlPlane(), 'lead');
    const retier = (name: string) => lead.kubectl(['label', '--overwrite', 'namespace', name, 'tier=web']);
    await eventually('what was granted', async () => (await retier('shop-web')).exitCode === 0);
    expect(decisions().at(-1)).toMatchObject({
      user: 'lead',
      permissions: ['relabel fences/shop-web', 'claim identities/tier:web'],
    });
    expect((await retier('shop-api')).stderr).toContain('lead may not relabel shop-api');
    // One role allows a change, but the other does not allow the new identity.
    const { stderr } = await lead.kubectl(['label', '--overwrite', 'namespace', 'shop-web', 'team=bank']);
    expect(stderr).toContain('lead may not claim team:bank');
    expect(stderr).not.toContain('lead may not relabel');
    await admin.run('delete clusterrolebinding ringfence-relabel-shop-web');
  });

  it('is of the one who is impersonated, whoever impersonates', async () => {
    const as = (...groups: readonly string[]) =>
      controlPlane().kubectl([
        ...['label', '--overwrite', 'namespace', 'shop-api', 'tier=cache', '--as=ida'],
        ...groups.map((group) => `--as-group=${group}`),
      ]);
    const { exitCode, stderr } = await as('people');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('ida may not relabel shop-api');
    expect(decisions().at(-1)).toMatchObject({ user: 'ida', decision: 'denied' });
    expect(await as('people', 'platform')).toMatchObject({ exitCode: 0, stderr: '' });
    const groups = expect.arrayContaining(['people', 'platform']);
    const permissions = ['relabel fences/shop-api', 'claim identities/tier:cache'];
    expect(decisions().at(-1)).toMatchObject({ user: 'ida', groups, decision: 'allowed', permissions });
  });

  it('meets whoever takes a name that the configuration knows, by default, too', async () => {
    const { stderr } = await handsOf(controlPlane(), 'lead').kubectl(
      ['create', '-f', '-'],
      namespace('monitoring', shopInDev),
    );
    expect(stderr).toContain('"monitoring" is exempt, or a peer, in the configuration; lead may not exempt monitoring');
    expect(stderr).toContain('Needed: the verb "exempt" on fences.ringfence.dev named "monitoring"');
  });

  it('cannot be had by whoever may write RBAC: Kubernetes lets nobody grant what they do not hold', async () => {
    const rules = [{ apiGroups: [rbac], resources: ['clusterroles', 'clusterrolebindings'], verbs: ['*'] }];
    const apiVersion = `${rbac}/v1`;
    // Without `escalate` and `bind`, which exist to bypass this.
    const verbs = ['create', 'update', 'patch', 'get'];
    await grant(
      controlPlane(),
      'granter',
      {
        apiVersion,
        kind: 'ClusterRole',
        metadata: { name: 'granters' },
        rules: rules.map((rule) => ({ ...rule, verbs })),
      },
      binding('granters', 'granters', 'User', 'granter'),
    );
    const granter = handsOf(controlPlane(), 'granter');
    const own = {
      apiGroups: ['ringfence.dev'],
      resources: ['identities'],
      resourceNames: ['env:prod'],
      verbs: ['claim'],
    };
    const role: Manifest = { apiVersion, kind: 'ClusterRole', metadata: { name: 'mine' }, rules: [own] };
    await eventually('what was granted', async () => {
      return (
        (await granter.kubectl(['create', '-f', '-'], { ...role, metadata: { name: 'empty' }, rules: [] })).exitCode ===
        0
      );
    });
    const refusal = 'attempting to grant RBAC permissions not currently held';
    expect((await granter.kubectl(['create', '-f', '-'], role)).stderr).toContain(refusal);
    const bound = binding('mine', 'ringfence-fence-keeper', 'User', 'granter');
    expect((await granter.kubectl(['create', '-f', '-'], bound)).stderr).toContain(refusal);
  });

  function decisions(): readonly LogLine[] {
    return replica.log().filter(({ msg }) => msg === 'admission decision');
  }
});
