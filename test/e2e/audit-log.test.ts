// `audit: {log: findings}`: who is let in without a word has no line, and is counted.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { applyConfiguration, untilFollowed } from './configure.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { developerRole, namespace, pod, podLabels } from './objects.ts';
import { openTerminal, type Terminal } from './terminal.ts';

describeWithSharedControlPlane('audit.log', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    await admin.run('apply -f -', ...developerRole);
    installation = await install(controlPlane(), 'enforce');
    await applyConfiguration(controlPlane(), 'mode: enforce\naudit: {log: findings}\n');
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
    await admin.run('create -f -', namespace('shop'));
    await eventually('the baseline', () => admin.run('get networkpolicy deny-all-baseline -n shop').catch(() => ''));
  });
  afterAll(() => installation.end());

  const decisions = () =>
    replica
      .log()
      .filter(({ msg, resource }) => msg === 'admission decision' && resource === 'pods')
      .map(({ name, decision }) => `${name} ${decision}`);
  const counted = async (decision: string) => {
    const text = await (await fetch(`${replica.adminUrl}/metrics`)).text();
    const line = new RegExp(
      `^ringfence_decisions_total{resource="pods",operation="CREATE",decision="${decision}"} (\\d+)$`,
      'm',
    );
    return Number(line.exec(text)?.[1] ?? 0);
  };

  it('leaves out who is let in, counts them, and keeps refusals', async () => {
    await admin.run('create -f -', pod('web'));
    await admin.refused('create -f -', pod('bad', {}));
    await eventually('the refusal', () => decisions().includes('bad denied'));
    expect(decisions()).toEqual(['bad denied']);
    expect([await counted('allowed'), await counted('denied')]).toEqual([1, 1]);
  });

  it('is followed without a restart', async () => {
    await applyConfiguration(controlPlane(), 'mode: enforce\naudit: {log: all}\n');
    await untilFollowed(controlPlane());
    await admin.run('create -f -', pod('api', podLabels));
    await eventually('the line', () => decisions().includes('api allowed'));
  });
});
