// A cluster begins to enforce: for each kind of existing object, an update that must pass and one
// that must not.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { untilFollowed } from './configure.ts';
import { applyManifests, eventually, type Installation, install, type Replica } from './installation.ts';
import { legacies, type Typed } from './legacy-objects.ts';
import { developerRole, namespace, namespaceLabels } from './objects.ts';
import { grant } from './people.ts';
import { openTerminal, type Terminal } from './terminal.ts';

describeWithSharedControlPlane('what was there before', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...developerRole, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-1' },
    });
    installation = await install(controlPlane(), 'observe');
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
    await admin.run('apply -f -', namespace('shop', { ...namespaceLabels, 'ringfence.dev/fence': '' }));
    await dev.run('apply -f -', ...legacies.flatMap(({ made }) => made));
    await eventually('the baseline', async () =>
      (await dev.run('get networkpolicies -n bare -o name')).includes('deny-all-baseline'),
    );
    await applyManifests(controlPlane(), 'enforce');
    await untilFollowed(controlPlane());
    await eventually('enforce', async () => {
      const { exitCode } = await controlPlane().kubectl(['create', 'namespace', 'unlabelled', '--dry-run=server']);
      return exitCode !== 0;
    });
  });
  afterAll(() => installation.end());

  it('are objects of twelve kinds', () => {
    expect(legacies).toHaveLength(12);
  });

  describe.each(legacies)('$kind', ({ passes, refused, mended = [], ends }) => {
    it.each(titled(passes))('passes: %s', async (_, typed) => {
      // There are only warnings about violations from before.
      const warnings = (await dev.run(...typed)).match(/^Warning: .*\[[a-z-]+\]$/gm) ?? [];
      const told = warnings
        .filter((line) => !line.includes('(as before)'))
        .map((line) => /\[([a-z-]+)\]$/.exec(line)?.[1]);
      // A new Pod has an identity that its unlabelled namespace does not have.
      expect(told).toEqual(typed[0] === 'apply -f -' ? ['unanchored-identity'] : []);
    });

    it.each(refused.map(([says, ...typed]) => [typed[0], says, typed] as const))(
      'is refused: %s: %s',
      async (_, says, typed) => {
        expect(await dev.refused(...typed)).toContain(says);
      },
    );

    it.each(titled(mended))('put right, passes without a word: %s', async (_, typed) => {
      expect(await dev.run(...typed)).not.toContain('Warning: ');
    });

    it.each(titled(ends))('ends: %s', async (_, typed) => {
      await dev.run(...typed);
    });
  });

  it('no controller was refused anything but a new Pod that says nothing of itself', async () => {
    const controllers = 'system:serviceaccount:kube-system:';
    const refused = (await controlPlane().auditEvents()).filter(
      ({ user, objectRef, responseStatus }) =>
        user.username.startsWith(controllers) && objectRef?.namespace === 'shop' && responseStatus?.code === 403,
    );
    const places = refused.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`);
    expect(new Set(places)).toEqual(new Set(['create pods']));
    const denied = replica.log().filter(({ msg, decision, user }) => {
      return msg === 'admission decision' && decision === 'denied' && String(user).startsWith(controllers);
    });
    expect(new Set(denied.map((line) => `${line['operation']} ${line['resource']}`))).toEqual(new Set(['CREATE pods']));
  });
});

function titled(commands: readonly Typed[]) {
  return commands.map((typed) => [typed[0], typed] as const);
}
