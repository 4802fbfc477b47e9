// Attempts to fence, relabel or lower the namespaces of Kubernetes and of Ringfence, by every
// resource and in every mode, with the webhook and with only the backstop.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { fenceMark, type Mode, modeLabel, modes } from '../../src/policy/mode.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, checksIn, printBackstop } from './backstop-scene.ts';
import { untilFollowed } from './configure.ts';
import { applyManifests, eventually, type Installation, install, ownNamespace, type Replica } from './installation.ts';
import { developerRole, namespace } from './objects.ts';
import { grant } from './people.ts';
import { openApi, type RawApi } from './raw-api.ts';
import { openTerminal, type StoredObject, type Terminal } from './terminal.ts';

const neverFenced = ['kube-system', 'kube-public', 'kube-node-lease', ownNamespace];
const everyOne = [...neverFenced, 'default'];
// It differs from the identity of Ringfence's own namespace.
const identity = { env: 'dev', tier: 'web', team: 'shop' };
type Labels = Readonly<Record<string, string>>;
type User = 'admin' | 'dev';

describeWithSharedControlPlane('the namespaces that every cluster has', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let apis: Readonly<Record<User, RawApi>>;

  beforeAll(async () => {
    installation = await install(controlPlane(), 'observe');
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
    admin = openTerminal(controlPlane(), 'admin');
    apis = { admin: openApi(controlPlane(), 'admin'), dev: openApi(controlPlane(), 'dev') };
    await grant(controlPlane(), 'dev', ...developerRole);
  });
  afterAll(async () => {
    for (const api of Object.values(apis)) api.close();
    await installation.end();
  });

  const walls = async () =>
    (await admin.run('get networkpolicies -A --no-headers')).match(/^.*deny-all-baseline/gm) ?? [];

  /**
   * Writes a namespace as a dry run and returns the outcome: `passes`, `warns RULE …`, or the RULES
   * that refuse.
   */
  async function write(user: User, method: 'POST' | 'PUT', path: string, body: object): Promise<string> {
    const { code, message, warnings } = await apis[user].send(method, `${path}?dryRun=All`, body);
    const rules = checksIn(code < 300 ? warnings : message.split('\n')).join(' ');
    if (code < 300) return rules === '' ? 'passes' : `warns ${rules}`;
    return rules === '' ? message : rules;
  }

  /** Changes the labels of a namespace through every resource and returns all outcomes. */
  async function byEveryWay(user: User, name: string, labels: Labels): Promise<readonly string[]> {
    const path = `${namespacesPath}/${name}`;
    const { metadata, ...stored } = (await apis.admin.send('GET', path)).body as StoredObject;
    const changed = { ...stored, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } };
    const ways = ['', '/status', '/finalize'];
    return [...new Set(await Promise.all(ways.map((way) => write(user, 'PUT', `${path}${way}`, changed))))];
  }

  /** The outcome of a finding that the mode decides. */
  const found = (mode: Mode, check: string) => ({ observe: 'passes', warn: `warns ${check}`, enforce: check })[mode];
  const outcomes = async (user: User, name: string) => ({
    fenced: await byEveryWay(user, name, { [fenceMark]: 'true' }),
    relabelled: await byEveryWay(user, name, identity),
  });

  /** The attacks that must have the same outcome with the webhook and with the backstop. */
  function attack(mode: Mode): void {
    it.each(neverFenced)('%s is never fenced, whoever marks it and by whichever way', async (name) => {
      expect(await outcomes('dev', name)).toEqual({ fenced: ['never-fenced'], relabelled: [found(mode, 'relabel')] });
      expect(await outcomes('admin', name)).toEqual({ fenced: ['never-fenced'], relabelled: ['passes'] });
    });

    it('default is fenced and relabelled by those who may', async () => {
      expect(await outcomes('dev', 'default')).toEqual({
        // The missing labels are reported too, as before.
        fenced: [expect.stringContaining(found(mode, 'fence'))],
        relabelled: [found(mode, 'relabel')],
      });
      expect((await outcomes('admin', 'default')).relabelled).toEqual(['passes']);
    });

    it('their mode is lowered by nobody else', async () => {
      for (const name of everyOne)
        expect(await byEveryWay('dev', name, { [modeLabel]: 'observe' })).toEqual([
          mode === 'observe' ? 'passes' : 'lower',
        ]);
    });

    it.each(['kube-node-lease', ownNamespace])('%s is not made anew with the mark', async (name) => {
      const marked = namespace(name, { ...identity, [fenceMark]: '' });
      for (const user of ['dev', 'admin'] as const)
        expect(await write(user, 'POST', namespacesPath, marked)).toContain('never-fenced');
    });

    it('other labels of them are nobody’s business', async () => {
      const labels = { 'istio-injection': 'enabled', 'argocd.argoproj.io/instance': 'shop' };
      for (const name of everyOne) expect(await byEveryWay('dev', name, labels)).toEqual(['passes']);
    });
  }

  describe.each(modes)('of a cluster that is to %s, with the webhook', (mode) => {
    beforeAll(async () => {
      await applyManifests(controlPlane(), mode);
      await untilFollowed(controlPlane());
    });

    attack(mode);

    it('each attempt is in the audit lines', async () => {
      const before = replica.log().length;
      const refused = `label namespace --all --dry-run=server ${fenceMark}=true`;
      expect(await admin.refused(refused)).toContain('kube-system is never fenced');
      const lines = replica.log().slice(before);
      expect(lines.find(({ msg, name }) => msg === 'admission decision' && name === 'kube-system')).toMatchObject({
        decision: 'denied',
        user: 'admin',
      });
    });

    it('a label that is no identity calls nobody', async () => {
      const decisions = () => replica.log().filter(({ msg }) => msg === 'admission decision').length;
      const before = decisions();
      for (const name of everyOne) await admin.run(`label namespace ${name} --overwrite turn=${mode}`);
      expect(decisions()).toBe(before);
    });
  });

  describe('a mark that was put there past Ringfence', () => {
    it('makes no baseline, but where it may; and can be taken away', async () => {
      await replica.process.signal('SIGKILL');
      await replica.process.ended;
      await admin.run('delete validatingwebhookconfiguration,mutatingwebhookconfiguration ringfence');
      await eventually('the mark', async () =>
        admin.run(`label namespace ${everyOne.join(' ')} ${fenceMark}=true`).catch(() => undefined),
      );
      replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
      await replica.untilReady();
      await eventually('the wall of default', async () => (await walls()).length > 0);
      expect(await walls()).toEqual([expect.stringMatching(/^default /)]);
      await untilFollowed(controlPlane());
      await admin.run(`label namespace kube-system --overwrite ${fenceMark}=again`);
      expect(await walls()).toEqual([expect.stringMatching(/^default /)]);
      await admin.run(`label namespace ${everyOne.join(' ')} ${fenceMark}-`);
    });
  });

  describe('while no replica answers', () => {
    it('the API server makes its own again', async () => {
      await replica.process.signal('SIGKILL');
      await replica.process.ended;
      await admin.run('delete namespace kube-node-lease');
      // The check runs once a minute.
      await eventually('kube-node-lease', () => admin.get('namespace kube-node-lease').catch(() => undefined), 90_000);
    });
  });

  describe.each(modes)('of a cluster that is to %s, with the backstop alone', (mode) => {
    beforeAll(async () => {
      await controlPlane().kubectl([
        'delete',
        'validatingwebhookconfiguration,mutatingwebhookconfiguration',
        'ringfence',
      ]);
      await applyPolicies(controlPlane(), apis.admin, await printBackstop(controlPlane(), { mode }));
    });

    attack(mode);
  });
});
