// Who may change what of a namespace: every cell of docs/security.md, by real RBAC, real tokens and real kubectl.
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fenceMark } from '../../src/policy/mode.ts';
import { permissionRules } from '../../src/policy/permissions.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import {
  applyConfig,
  eventually,
  type Installation,
  install,
  type LogLine,
  type Replica,
  untilFollowed,
} from './installation.ts';
import { type Act, changeActs, handsOf, shopInDev, wayActs } from './namespace-changes.ts';
import { type Manifest, namespace } from './objects.ts';
import {
  type Cell,
  type Change,
  changes,
  type Person,
  people,
  type Row,
  type TableMode,
  tableModes,
  ways,
} from './permission-table.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const options = {
  users: [
    { name: 'stranger', groups: ['people'] },
    { name: 'viewer', groups: ['people'] },
    { name: 'lead', groups: ['people', 'team-shop-leads'] },
    { name: 'keeper', groups: ['people', 'platform'] },
  ],
  disableAdmissionPlugins: ['ServiceAccount'],
};

const cells = (rows: Readonly<Record<string, Row>>, mode: TableMode) =>
  Object.entries(rows).flatMap(([id, row]) =>
    people.map((person) => [id, person, row.cells[mode][person], row.needs] as const),
  );
const nameOf = (id: string, person: Person, mode: TableMode): string => `${id}-${person}-${mode}`;
const rbac = 'rbac.authorization.k8s.io';

describeWithControlPlane('who may change a namespace', options, (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    installation = await install(controlPlane(), 'enforce');
    await configure('enforce');
    await admin.run(`apply -k ${resolve('manifests/roles')}`);
    for (const example of ['team-shop-in-dev', 'keepers'])
      await admin.run(`apply -f ${resolve(`manifests/roles/examples/${example}.yaml`)}`);
    await admin.run('apply -f -', ...plainRole, binding('viewers', 'ringfence-viewer', 'User', 'viewer'));
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
    await eventually('the API server to ask', async () => {
      const { exitCode } = await controlPlane().kubectl(['create', 'namespace', 'unlabelled', '--dry-run=server']);
      return exitCode !== 0;
    });
  });
  afterAll(() => installation.end());

  describe('a refusal', () => {
    const made = namespace('shop-web', shopInDev);
    const command = ['label', '--overwrite', 'namespace', 'shop-web', 'tier=web', 'env=prod'];
    beforeAll(() => admin.run('apply -f -', made, namespace('shop-api', shopInDev)));

    it('says what is missing, on which resource and name, and the RBAC that grants it: applied as printed, it does', async () => {
      const { exitCode, stderr } = await handsOf(controlPlane(), 'stranger').kubectl(command);
      expect({ exitCode, stderr: stderr.trimEnd() }).toEqual({
        exitCode: 1,
        stderr: `\
Error from server (Forbidden): admission webhook "namespaces.ringfence.dev" denied the request: Namespace shop-web: 4 labels keep it out
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
      // A RoleBinding in the namespace itself grants nothing: these resources are the cluster's.
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
      // What one role lets change, the other does not let become anything.
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
      expect(stderr).toContain(
        '"monitoring" is exempt, or a peer, in the configuration; lead may not exempt monitoring',
      );
      expect(stderr).toContain('Needed: the verb "exempt" on fences.ringfence.dev named "monitoring"');
    });
  });

  describe.each(tableModes)('in %s', (mode) => {
    const acts: Readonly<Record<string, Act>> = { ...wayActs, ...changeActs(mode) };

    beforeAll(async () => {
      await configure(mode);
      await untilFollowed(controlPlane());
      await prepare(
        Object.entries(acts).flatMap(([id, { before }]) =>
          before === undefined ? [] : people.map((person) => namespace(nameOf(id, person, mode), before)),
        ),
      );
    });

    it.each(cells(ways, mode))('the tier changed by %s, by %s: %s', see);
    it.each(cells(changes, mode).filter(([, , cell]) => cell !== '–'))('%s, by %s: %s', see);

    /** Does it as a person does, and looks at the answer, at what is stored, and at the audit lines. */
    async function see(id: string, person: Person, cell: Cell, needs: readonly string[]): Promise<void> {
      const name = nameOf(id, person, mode);
      const { before, act, after } = acts[id] ?? {};
      if (act === undefined || after === undefined) throw new Error(`${id} is not done anywhere`);
      const seen = replica.log().length;
      const { exitCode, stdout, stderr } = await act(handsOf(controlPlane(), person), name);
      const lines = decisions(seen).filter((line) => line['name'] === name && line['user'] === person);
      const made = new Set(lines.map((line) => line['decision']));
      if (cell === 'refused') {
        expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 1 });
        expect(stderr).toContain(`denied the request: Namespace ${name}: `);
        expect(made).toContain('denied');
        const denied = new Set(findingsOf(lines).flatMap(({ check, action }) => (action === 'deny' ? [check] : [])));
        expect(denied.size).toBeGreaterThan(0);
        // Whoever holds nothing lacks all of it; the others what their role leaves out.
        if (person === 'stranger') expect(denied).toEqual(new Set(needs));
        else expect([...denied].filter((check) => !needs.includes(check))).toEqual([]);
        if (before !== undefined && id !== 'recreate') expect(await labelsOf(name)).toMatchObject(before);
        return;
      }
      expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 });
      // Observe says nothing, and to whom may do it there is nothing to say.
      expect(stderr).not.toContain('Warning: Namespace');
      const labels = await labelsOf(name);
      for (const [key, value] of Object.entries(after)) expect(labels[key], key).toBe(value);
      expect(made).toEqual(new Set(['allowed']));
      const missing = findingsOf(lines).filter(({ check }) => check in permissionRules);
      const used = lines.flatMap((line) => (line['permissions'] as readonly string[] | undefined) ?? []);
      if (cell === 'passes') {
        expect(missing).toEqual([]);
        expect(new Set(used.map((text) => text.split(' ')[0]))).toEqual(new Set(needs));
      } else {
        expect(missing.length).toBeGreaterThan(0);
        expect(missing.filter(({ action, because }) => action !== 'record' || because !== 'cluster')).toEqual([]);
      }
    }
  });

  function decisions(since = 0): readonly LogLine[] {
    return replica
      .log()
      .slice(since)
      .filter(({ msg }) => msg === 'admission decision');
  }

  async function labelsOf(name: string): Promise<Readonly<Record<string, string>>> {
    return (await admin.get(`namespace ${name}`)).metadata.labels ?? {};
  }

  /** Makes namespaces whose labels are just these: the mark that enforce gives at creation is taken off again. */
  async function prepare(made: readonly Manifest[]): Promise<void> {
    await admin.run('apply -f -', ...made);
    const unmarked = made
      .map(({ metadata }) => metadata as { readonly name: string; readonly labels: Readonly<Record<string, string>> })
      .filter(({ labels }) => !Object.hasOwn(labels, fenceMark));
    await admin.run(`label namespace ${unmarked.map(({ name }) => name).join(' ')} ${fenceMark}-`);
  }

  /** Some names are exempt, and some are peers': those that the table's rows are done to. */
  async function configure(mode: TableMode): Promise<void> {
    const names = (id: Change) => tableModes.flatMap((one) => people.map((person) => nameOf(id, person, one)));
    await applyConfig(controlPlane(), {
      mode,
      exempt: { namespaces: names('exempt') },
      peers: names('peer').map((name) => ({ name, role: 'monitoring', namespace: name })),
    });
  }
});

function findingsOf(lines: readonly LogLine[]) {
  return lines.flatMap(
    (line) =>
      line['findings'] as readonly { readonly check: string; readonly action: string; readonly because: string }[],
  );
}

/** What RBAC gives everyone here: every verb on Namespaces, so that nothing but Ringfence decides. */
const plainRole: readonly Manifest[] = [
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'namespaces' },
    rules: [{ apiGroups: [''], resources: ['namespaces', 'namespaces/status', 'namespaces/finalize'], verbs: ['*'] }],
  },
  binding('namespaces', 'namespaces', 'Group', 'people'),
];

function binding(name: string, role: string, kind: 'User' | 'Group', subject: string): Manifest {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: rbac, kind, name: subject }],
  };
}
