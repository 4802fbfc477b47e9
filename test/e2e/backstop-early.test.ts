// The backstop and Ringfence together (`backstop: true`). The API server evaluates its own policies
// before any validating webhook, so Ringfence also answers in the mutating phase. It makes the wall
// in time, and people read its refusal.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, printBackstop } from './backstop-scene.ts';
import { applyConfiguration, untilFollowed } from './configure.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { developerRole, inNamespace, namespace, namespaceLabels, networkPolicy, pod } from './objects.ts';
import { grant } from './people.ts';
import { openApi } from './raw-api.ts';
import { isFullRun, tell } from './scale.ts';
import { findingsIn, openTerminal, type Terminal } from './terminal.ts';

const count = isFullRun ? 200 : 20;
const missing = 'deny-all-baseline-must-be-there-first.ringfence.dev';

// On a control plane of its own: once the gate of the backstop has been removed, an API server sees
// no parameters for the next one until it restarts (kubernetes#133827).
const options = {
  users: [{ name: 'dev', groups: ['developers'] }],
  auditLog: true,
  disableAdmissionPlugins: ['ServiceAccount'],
};

describeWithControlPlane('Ringfence ahead of the backstop', options, (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let dev: Terminal;

  beforeAll(async () => {
    dev = openTerminal(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...developerRole);
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start({ arguments: ['--config-seconds', '0.5'] });
    await replica.untilReady();
    await dev.run('apply -f -', namespace('shop'));
    await eventually('the baseline', () => hasWall('shop'));
  });
  afterAll(() => installation.end());

  it('is called once more for each creation, and only where it is switched on', async () => {
    const before = await calls();
    for (let index = 0; index < 5; index += 1) await dev.run('create -f -', pod(`without-${index}`));
    const without = await calls();
    await applyConfiguration(controlPlane(), 'mode: enforce\nbackstop: true\n');
    await untilFollowed(controlPlane());
    await applyPolicies(controlPlane(), openApi(controlPlane(), 'admin'), await printBackstop(controlPlane()));
    // The API server learns of the entries a moment after they are stored.
    await eventually('the API server to ask early', async () =>
      (await dev.refused('create -f -', pod('probe', {}))).includes('"pods.early.ringfence.dev"'),
    );
    const installed = await calls();
    for (let index = 0; index < 5; index += 1) await dev.run('create -f -', pod(`with-${index}`));
    const after = await calls();
    const made = (from: Calls, to: Calls) => ({
      early: (to.get('pods.early.ringfence.dev') ?? 0) - (from.get('pods.early.ringfence.dev') ?? 0),
      validating: (to.get('pods.ringfence.dev') ?? 0) - (from.get('pods.ringfence.dev') ?? 0),
    });
    tell(
      `5 Pods: without the backstop ${JSON.stringify(made(before, without))}, with it ${JSON.stringify(made(installed, after))}`,
    );
    expect(made(before, without)).toEqual({ early: 0, validating: 5 });
    expect(made(installed, after)).toEqual({ early: 5, validating: 5 });
  });

  it('writes one audit line for each Pod all the same', () => {
    for (const name of ['without-0', 'with-0'])
      expect(replica.log().filter((line) => line['resource'] === 'pods' && line['name'] === name)).toHaveLength(1);
  });

  it('refuses in its own words, with everything that is wrong and how to put it right', async () => {
    const refusal = await dev.refused('create -f -', pod('web', { env: 'prd', tier: 'api' }));
    expect(refusal).toContain(
      'admission webhook "pods.early.ringfence.dev" denied the request: Pod shop/web: 3 labels',
    );
    expect(findingsIn(refusal)).toHaveLength(3);
    expect(refusal).toContain('Fix, under metadata.labels:');
    expect(await dev.refused('delete networkpolicy deny-all-baseline -n shop')).toContain('"baseline.early.');
    expect(await dev.refused('create -f -', networkPolicy('open', namespaceLabels, { ingress: [{}] }))).toContain(
      '[ingress-from-anyone, ',
    );
    expect(await dev.refused('create namespace bare')).toContain('"namespaces.early.ringfence.dev"');
  });

  it('makes the wall in time for Pods that follow their namespace at once', { timeout: 300_000 }, async () => {
    const late: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const name = `burst-${index}`;
      await dev.run('apply -f -', namespace(name));
      await eventually(`the Pod of ${name}`, async () => {
        const { exitCode, stderr } = await controlPlane().kubectl(['create', '-f', '-'], {
          as: 'dev',
          input: JSON.stringify(inNamespace(name, pod('web'))),
        });
        if (exitCode === 0) return true;
        // The API server's own view of the wall may be some milliseconds old. Then the request is
        // repeated.
        expect(stderr).toContain(missing);
        late.push(name);
        return false;
      });
      expect(await hasWall(name)).toBe(true);
    }
    tell(`${count} Pods at once in new namespaces, the backstop installed: ${late.length} had to try again`);
  });

  it('leaves the rest to the backstop when it is gone', async () => {
    replica.process.signal('SIGKILL');
    await replica.process.ended;
    const { exitCode, stderr } = await controlPlane().kubectl(['create', '-f', '-'], {
      as: 'dev',
      input: JSON.stringify(pod('web', { env: 'prd', tier: 'api' })),
    });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('ValidatingAdmissionPolicy');
    expect(stderr).toContain('[label-values]');
  });

  async function hasWall(name: string): Promise<boolean> {
    return (await dev.run(`get networkpolicies -n ${name} -o name`)).includes('deny-all-baseline');
  }

  /** The API server's counters of webhook calls, by the name of the entry. */
  async function calls(): Promise<Calls> {
    const { stdout } = await controlPlane().kubectl(['get', '--raw', '/metrics']);
    const counts = new Map<string, number>();
    for (const line of stdout.split('\n')) {
      const name = /^apiserver_admission_webhook_request_total\{.*name="([^"]+)"/.exec(line)?.[1];
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1)));
    }
    return counts;
  }
});

type Calls = ReadonlyMap<string, number>;
