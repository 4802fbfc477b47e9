// Who may change what of a namespace: every cell of docs/security.md, with real RBAC, real tokens
// and real kubectl.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fenceMark } from '../../src/policy/mode.ts';
import { permissionRules } from '../../src/policy/permissions.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { applyConfiguration, untilFollowed } from './configure.ts';
import { eventually, type Installation, install, type LogLine, type Replica } from './installation.ts';
import { type Act, changeActs, deletionMs, handsOf, ownModeActs, wayActs } from './namespace-changes.ts';
import { type Manifest, namespace } from './objects.ts';
import {
  type Cell,
  type Change,
  changes,
  ownModeChanges,
  ownModes,
  type Person,
  people,
  type Row,
  type TableMode,
  tableModes,
  ways,
} from './permission-table.ts';
import { bindRoles } from './role-holders.ts';
import { openTerminal, type Terminal } from './terminal.ts';

function cells<Column extends string>(rows: Readonly<Record<string, Row<Column>>>, column: Column) {
  return Object.entries(rows)
    .flatMap(([id, row]) => people.map((person) => [id, person, row.cells[column][person], row.needs] as const))
    .filter(([, , cell]) => cell !== '–');
}
const nameOf = (id: string, person: Person, column: string): string => `${id}-${person}-${column}`;

describeWithSharedControlPlane('who may change a namespace', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    installation = await install(controlPlane(), 'enforce');
    await configure('enforce');
    await bindRoles(admin);
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
    await eventually('the API server to ask', async () => {
      const { exitCode } = await controlPlane().kubectl(['create', 'namespace', 'unlabelled', '--dry-run=server']);
      return exitCode !== 0;
    });
  });
  afterAll(() => installation.end());

  describe.each(tableModes)('in %s', (mode) => {
    const acts: Readonly<Record<string, Act>> = { ...wayActs, ...changeActs(mode) };

    beforeAll(async () => {
      await configure(mode);
      await untilFollowed(controlPlane());
      await prepareFor(acts, mode);
    });

    const seeCell = (id: string, person: Person, cell: Cell, needs: readonly string[]) =>
      see({ name: nameOf(id, person, mode), done: acts[id], person }, cell, needs, 'cluster');
    it.concurrent.each(cells(ways, mode))('the tier changed by %s, by %s: %s', seeCell, deletionMs + 60_000);
    it.concurrent.each(cells(changes, mode))('%s, by %s: %s', seeCell);
  });

  describe.each(ownModes)('of an %s namespace in a cluster that does the opposite', (mode) => {
    const acts: Readonly<Record<string, Act>> = ownModeActs(mode);

    beforeAll(async () => {
      await configure(mode === 'observing' ? 'enforce' : 'observe');
      await untilFollowed(controlPlane());
      await prepareFor(acts, mode);
    });

    it.concurrent.each(cells(ownModeChanges, mode))('%s, by %s: %s', (id, person, cell, needs) =>
      see({ name: nameOf(id, person, mode), done: acts[id], person }, cell, needs, 'namespace'),
    );
  });

  function prepareFor(acts: Readonly<Record<string, Act>>, column: string): Promise<void> {
    return prepare(
      Object.entries(acts).flatMap(([id, { before }]) =>
        before === undefined ? [] : people.map((person) => namespace(nameOf(id, person, column), before)),
      ),
    );
  }

  /**
   * Makes the change as a person does, and checks the answer, the stored object and the audit
   * lines.
   */
  async function see(
    { name, done, person }: { readonly name: string; readonly done: Act | undefined; readonly person: Person },
    cell: Cell,
    needs: readonly string[],
    because: 'cluster' | 'namespace',
  ): Promise<void> {
    if (done === undefined) throw new Error(`${name} is not done anywhere`);
    const { before, act, after } = done;
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
      // A user without a role lacks every verb, the others lack those that their role omits.
      if (person === 'stranger') expect(denied).toEqual(new Set(needs));
      else expect([...denied].filter((check) => !needs.includes(check))).toEqual([]);
      if (before !== undefined && !name.startsWith('recreate-')) expect(await labelsOf(name)).toMatchObject(before);
      return;
    }
    expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 });
    // In observe there is no warning, and neither is there for a user with the permission.
    expect(stderr).not.toContain('Warning: Namespace');
    const labels = await labelsOf(name);
    for (const [key, value] of Object.entries(after)) expect(labels[key], key).toBe(value);
    if (cell === 'not asked') {
      expect(lines).toEqual([]);
      return;
    }
    expect(made).toEqual(new Set(['allowed']));
    const missing = findingsOf(lines).filter(({ check }) => check in permissionRules);
    const used = lines.flatMap((line) => (line['permissions'] as readonly string[] | undefined) ?? []);
    if (cell === 'passes') {
      expect(missing).toEqual([]);
      expect(new Set(used.map((text) => text.split(' ')[0]))).toEqual(new Set(needs));
    } else {
      expect(missing.length).toBeGreaterThan(0);
      expect(missing.filter((finding) => finding.action !== 'record' || finding.because !== because)).toEqual([]);
    }
  }

  function decisions(since = 0): readonly LogLine[] {
    return replica
      .log()
      .slice(since)
      .filter(({ msg }) => msg === 'admission decision');
  }

  async function labelsOf(name: string): Promise<Readonly<Record<string, string>>> {
    return (await admin.get(`namespace ${name}`)).metadata.labels ?? {};
  }

  /**
   * Makes namespaces with exactly these labels: the mark that enforce adds at creation is removed
   * again.
   */
  async function prepare(made: readonly Manifest[]): Promise<void> {
    await admin.run('apply -f -', ...made);
    const unmarked = made
      .map(({ metadata }) => metadata as { readonly name: string; readonly labels: Readonly<Record<string, string>> })
      .filter(({ labels }) => !Object.hasOwn(labels, fenceMark));
    await admin.run(`label namespace ${unmarked.map(({ name }) => name).join(' ')} ${fenceMark}-`);
  }

  /**
   * Applies a configuration in which the names of the table's rows are exempt or belong to peers.
   */
  async function configure(mode: TableMode): Promise<void> {
    const names = (id: Change) => tableModes.flatMap((one) => people.map((person) => nameOf(id, person, one)));
    const peers = names('peer').map((name) => ({ name, role: 'monitoring', namespace: name }));
    const exempt = { namespaces: names('exempt') };
    const text = `mode: ${mode}\nexempt: ${JSON.stringify(exempt)}\npeers: ${JSON.stringify(peers)}\n`;
    await applyConfiguration(controlPlane(), text);
  }
});

function findingsOf(lines: readonly LogLine[]) {
  return lines.flatMap(
    (line) =>
      line['findings'] as readonly { readonly check: string; readonly action: string; readonly because: string }[],
  );
}
