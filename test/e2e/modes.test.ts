// Mark and mode together: the outcome of a finding, of a new namespace and of a baseline, in
// clusters and namespaces of each mode.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fenceMark, type Mode, modeLabel, modes } from '../../src/policy/mode.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { untilFollowed } from './configure.ts';
import { applyManifests, eventually, type Installation, install, type Replica } from './installation.ts';
import { developerRole, inNamespace, namespace, namespaceLabels, networkPolicy, pod, podLabels } from './objects.ts';
import { openTerminal, type StoredObject, type Terminal } from './terminal.ts';

const { expose: _, ...unexposed } = podLabels;
const wrong = 'expose missing; "true" if the outside may reach it, else "false" [required-labels]';
const owns = ['none', ...modes] as const;

interface Answer {
  /** The message for the person. */
  readonly says: (name: string) => RegExp;
  readonly decision: 'allowed' | 'warned' | 'denied';
  readonly action: 'record' | 'warn' | 'deny';
  readonly entry: string;
}

/** The outcome for a Pod that lacks one label, by its mode. */
const answers: Readonly<Record<Mode, Answer>> = {
  observe: {
    says: () => /^pod\/web created\n$/,
    decision: 'allowed',
    action: 'record',
    entry: 'pods.unenforced.ringfence.dev',
  },
  warn: {
    says: (name) => new RegExp(`^pod/web created\nWarning: Pod ${name}/web: ${escaped(wrong)}\n$`),
    decision: 'warned',
    action: 'warn',
    entry: 'pods.unenforced.ringfence.dev',
  },
  enforce: {
    says: (name) =>
      new RegExp(`admission webhook "pods.ringfence.dev" denied the request: Pod ${name}/web: 1 label keeps`),
    decision: 'denied',
    action: 'deny',
    entry: 'pods.ringfence.dev',
  },
};

/** The outcome for a namespace that a developer creates, by the mode of the cluster. */
const births: Readonly<Record<Mode, { readonly marked: boolean; readonly says: string }>> = {
  observe: { marked: false, says: 'namespace/NAME created\n' },
  warn: {
    marked: false,
    says: 'namespace/NAME created\nWarning: Namespace NAME: ringfence.dev/fence missing; enforce sets it, and with it a deny-all that allows DNS [fence-mark]\n',
  },
  enforce: { marked: true, says: 'namespace/NAME created\n' },
};

describeWithSharedControlPlane('mark and mode', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await admin.run('apply -f -', ...developerRole);
    installation = await install(controlPlane(), 'observe');
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
  });
  afterAll(() => installation.end());

  describe.each(modes)('in a cluster in %s', (cluster) => {
    beforeAll(async () => {
      await applyManifests(controlPlane(), cluster);
      await untilFollowed(controlPlane());
      // The API server uses a changed configuration a moment after it is stored.
      const dryRun = ['create', 'namespace', 'unlabelled', '--dry-run=server'];
      const expected = { observe: /^$/, warn: /^Warning: /, enforce: /denied/ }[cluster];
      await eventually('the mode', async () => expected.test((await controlPlane().kubectl(dryRun)).stderr));
      const all = owns.flatMap((own) =>
        [true, false].map((marked) => [nameOf(cluster, own, marked), own, marked] as const),
      );
      await admin.run('apply -f -', ...all.map(([name, own]) => namespace(name, labelsOf(own))));
      // Both the mark and its wall come by themselves.
      const born = all.flatMap(([name, own]) => (cluster === 'enforce' || own === 'enforce' ? [name] : []));
      for (const name of born) await eventually(`the wall of ${name}`, () => isWalled(name));
      const names = (marked: boolean) => all.filter(([, , is]) => is === marked).map(([name]) => name);
      await admin.run(`label namespace ${names(true).join(' ')} ${fenceMark}=true --overwrite`);
      await admin.run(`label namespace ${names(false).join(' ')} ${fenceMark}-`);
    });

    it('a new namespace, labelled, is marked or is told of it', async () => {
      const name = `${cluster}-new`;
      const { marked, says } = births[cluster];
      expect(await dev.run('apply -f -', namespace(name))).toBe(says.replaceAll('NAME', name));
      const labels = (await admin.get(`namespace ${name}`)).metadata.labels ?? {};
      expect(Object.hasOwn(labels, fenceMark)).toBe(marked);
      expect(await eventually('the baseline, or none', async () => (await isWalled(name)) === marked)).toBe(true);
    });

    it('a new namespace that asks to enforce is marked, whatever the cluster does', async () => {
      const name = `${cluster}-strict`;
      await dev.run('apply -f -', namespace(name, { ...namespaceLabels, [modeLabel]: 'enforce' }));
      expect((await admin.get(`namespace ${name}`)).metadata.labels).toHaveProperty([fenceMark]);
      await eventually('the baseline', () => isWalled(name));
    });

    describe.each(owns)('a namespace whose own mode is %s', (own) => {
      const mode = own === 'none' ? cluster : own;
      const source = own === 'none' ? 'cluster' : 'namespace';
      const { says, decision, action, entry } = answers[mode];

      it.each([true, false])(`answers a finding as ${mode} does, and says why; marked: %s`, async (marked) => {
        const name = nameOf(cluster, own, marked);
        const typed = inNamespace(name, pod('web', unexposed));
        const printed =
          mode === 'enforce' ? await dev.refused('create -f -', typed) : await dev.run('create -f -', typed);
        expect(printed).toMatch(says(name));
        const line = decisions('pods', name).at(-1);
        expect(line).toMatchObject({ mode, modeSource: source, decision });
        expect(line?.['findings']).toMatchObject([{ check: 'required-labels', action, because: source }]);
        expect(await entriesFor(String(line?.['uid']), name)).toEqual([entry]);
      });

      it('guards the baseline where there is a mark, and only there', async () => {
        const marked = nameOf(cluster, own, true);
        await eventually('the baseline', () => isWalled(marked));
        expect(await dev.refused(`delete networkpolicy deny-all-baseline -n ${marked}`)).toContain('[baseline-guard]');
        // Without the mark it is an ordinary NetworkPolicy (one that was made under the mark
        // stays), and its name is free.
        const unmarked = nameOf(cluster, own, false);
        expect(await isWalled(unmarked)).toBe(cluster === 'enforce' || own === 'enforce');
        await dev.run(`delete networkpolicies --all -n ${unmarked}`);
        await dev.run('create -f -', inNamespace(unmarked, networkPolicy('deny-all-baseline')));
        await dev.run(`delete networkpolicies --all -n ${unmarked}`);
        expect(await isWalled(unmarked)).toBe(false);
      });

      it('a Pod that comes with its marked namespace finds the wall made', async () => {
        const name = `${cluster}-${own}-born`;
        // Its creator may set a milder mode. That is a matter of the guard and not of this table.
        const born = namespace(name, { ...labelsOf(own), [fenceMark]: 'true' });
        await admin.run('create -f -', born, inNamespace(name, pod('web')));
        expect(await isWalled(name)).toBe(true);
        expect(decisions('pods', name).at(-1)).toMatchObject({ decision: 'allowed', mode });
        expect(['made', 'there']).toContain(decisions('pods', name).at(-1)?.['baseline'] ?? 'there');
      });
    });
  });

  function decisions(resource: string, name: string) {
    return replica
      .log()
      .filter(
        (line) => line.msg === 'admission decision' && line['resource'] === resource && line['namespace'] === name,
      );
  }

  /**
   * Returns the entries that the API server called for the last creation of a Pod in a namespace.
   */
  async function entriesFor(uid: string, name: string): Promise<readonly string[]> {
    expect(uid).not.toBe('');
    const created = (await controlPlane().auditEvents()).filter(
      ({ verb, objectRef }) => verb === 'create' && objectRef?.resource === 'pods' && objectRef.namespace === name,
    );
    const keys = Object.keys(created.at(-1)?.annotations ?? {});
    return keys.flatMap((key) =>
      key.endsWith('/decision') && key.includes('ringfence') ? [key.split('/')[0] ?? ''] : [],
    );
  }

  async function isWalled(name: string): Promise<boolean> {
    const { items } = await admin.get<{ items: StoredObject[] }>(`networkpolicies -n ${name}`);
    return items.some(({ metadata }) => metadata.name === 'deny-all-baseline');
  }
});

function nameOf(cluster: Mode, own: string, marked: boolean): string {
  return `${cluster}-${own}-${marked ? 'marked' : 'unmarked'}`;
}

function labelsOf(own: (typeof owns)[number]): Readonly<Record<string, string>> {
  return own === 'none' ? namespaceLabels : { ...namespaceLabels, [modeLabel]: own };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
