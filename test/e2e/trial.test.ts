// A fence that takes itself back, with two replicas whose clocks are an hour apart.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { isSameSpec } from '../../src/baseline/equality.ts';
import { formatTrialTime, openSpec, trialAnnotation } from '../../src/baseline/trial.ts';
import { deniedLine } from '../commands/hubble-line.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { forwardAll, startApiProxy } from './api-proxy.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { type CommandResult, runCommand } from './command.ts';
import { eventually, type Installation, install, ownNamespace, type Replica } from './installation.ts';
import { developerRole, inNamespace, namespace, pod, podLabels, workload } from './objects.ts';
import { leastKeeper } from './people.ts';
import { openTerminal, type StoredObject, type Terminal } from './terminal.ts';

const wall = 'deny-all-baseline';
const names = ['kept', 'ended', 'killed', 'away', 'followed', 'trap', 'cut', 'watched'];

describeWithSharedControlPlane('fence --trial', (controlPlane) => {
  let installation: Installation;
  let balancer: Balancer;
  let early: Replica;
  let late: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await admin.run('apply -f -', ...developerRole, ...leastKeeper('keeper'), ...names.map((name) => namespace(name)));
    installation = await install(controlPlane(), 'enforce');
    balancer = await startBalancer();
    [early, late] = (await Promise.all([-30, 30].map((minutes) => start(minutes)))) as [Replica, Replica];
  });
  afterAll(async () => {
    await installation.end();
    await balancer.close();
  });

  /** Starts a replica whose clock is off, behind the balancer. */
  async function start(offMinutes: number, more: readonly string[] = []): Promise<Replica> {
    const shifted = import.meta.resolve('../drills/shifted-clock.ts');
    const replica = await installation.start({
      webhookUrl: balancer.url,
      environment: { NODE_OPTIONS: `--import ${shifted}`, RINGFENCE_SHIFT_MS: String(offMinutes * 60_000) },
      arguments: more,
    });
    balancer.add(replica.url);
    await replica.untilReady();
    return replica;
  }

  const ringfence = (command: string) => runCommand(controlPlane(), 'keeper', command);
  const wallOf = (name: string) => admin.get(`networkpolicy ${wall} -n ${name}`);
  const isClosed = (policy: StoredObject) => isSameSpec(policy.spec, denyAllSpec);
  const untilOf = async (name: string) =>
    (await admin.get(`namespace ${name}`)).metadata.annotations?.[trialAnnotation];

  /** Fences a namespace on a trial that does not end by itself while the test runs. */
  async function begin(name: string): Promise<void> {
    const { code, stderr } = await ringfence(`fence ${name} --trial 10m --no-watch --yes`);
    expect([code, stderr]).toEqual([0, expect.stringContaining(`fence ${name} --confirm`)]);
    expect(isClosed(await wallOf(name))).toBe(true);
  }

  /** Sets an earlier end for a trial. Resolves to that end. */
  async function endAfter(name: string, ms: number): Promise<number> {
    const until = formatTrialTime(Date.now() + ms);
    await admin.run(`annotate namespace ${name} ${trialAnnotation}=${until} --overwrite`);
    return Date.parse(until);
  }

  /**
   * Puts Pods into a namespace until its wall is open, which happens at the end of the trial and
   * not before. No Pod may be refused.
   */
  async function untilOpen(name: string, end: number): Promise<void> {
    await eventually('the wall to be open', async () => {
      await dev.run('apply -f -', inNamespace(name, pod(`web-${Date.now()}`, podLabels)));
      return !isClosed(await wallOf(name));
    });
    expect(Date.now()).toBeGreaterThanOrEqual(end);
    expect((await wallOf(name)).spec).toMatchObject({ podSelector: openSpec.podSelector });
    await dev.run('apply -f -', inNamespace(name, pod('web-after', podLabels)));
    // No replica puts it back.
    await delay(500);
    expect(isClosed(await wallOf(name))).toBe(false);
  }

  /**
   * Fences a namespace on a trial that a command follows. The trial ends when `talk`, which gets
   * all that the command has said so far, says that this is enough.
   */
  async function untilEnded(
    name: string,
    command: string,
    talk: (said: string, input: Writable) => boolean,
  ): Promise<CommandResult> {
    let said = '';
    let end: Promise<number> | undefined;
    const result = await runCommand(controlPlane(), 'keeper', command, (piece, input) => {
      said += piece;
      if (talk(said, input)) end ??= endAfter(name, 2_000);
    });
    await end;
    return result;
  }

  it('opens the wall at its end by the clock of the API server, and keeps one that was confirmed', async () => {
    const begunAt = performance.now();
    const [kept, , followed] = await Promise.all([
      begin('kept').then(async () => {
        // Time for another command, by what one takes on this machine now.
        const end = await endAfter('kept', 4 * (performance.now() - begunAt));
        expect(await ringfence('fence kept --confirm')).toMatchObject({ code: 0 });
        expect(await untilOf('kept')).toBeUndefined();
        return end;
      }),
      begin('ended').then(async () => untilOpen('ended', await endAfter('ended', 2_000))),
      untilEnded('followed', 'fence followed --trial 10m --yes', (said) => said.includes('is on trial until')),
    ]);
    await delay(Math.max(0, kept + 500 - Date.now()));
    expect(isClosed(await wallOf('kept'))).toBe(true);
    expect(followed).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('unmarked  Namespace followed: ringfence.dev/fence'),
      stderr: expect.stringContaining('the trial of namespace followed was not confirmed'),
    });
    const { metadata } = await admin.get('namespace followed');
    expect(metadata.labels).not.toHaveProperty(['ringfence.dev/fence']);
    expect(metadata.annotations ?? {}).not.toHaveProperty([trialAnnotation]);
    expect(await admin.run('get networkpolicies -n followed -o name')).not.toContain(wall);
    expect(await ringfence('fence ended --confirm')).toMatchObject({ code: 1 });
    expect(await ringfence('fence ended --yes')).toMatchObject({ code: 0 });
    expect([isClosed(await wallOf('ended')), await untilOf('ended')]).toEqual([true, undefined]);
  });

  it('names what flow logs show as denied while it runs: of a pipe that never ends, and of a file that grows', async () => {
    const file = join(controlPlane().folder, 'grows.jsonl');
    // What is older than the fence does not count, and the plan reads it before.
    const line = (port: number, time: string) => `${deniedLine('watched/a/a', 'kept/b/b', port, { time })}\n`;
    writeFileSync(file, line(7001, new Date().toISOString()));
    let isTold = false;
    const command = `fence watched --trial 10m --yes -o json --accept-cuts --observed - ${file}`;
    const { code, stdout, stderr } = await untilEnded('watched', command, (said, input) => {
      if (!isTold && said.includes('is on trial until')) {
        isTold = true;
        // The clocks of the nodes are those of the API server, whose times have no fractions.
        const time = new Date(Date.now() + 1_000).toISOString();
        input.write(`no JSON\n${line(7002, time)}${line(7002, time)}`);
        appendFileSync(file, line(7003, time));
      }
      return said.match(/^denied: .*\n/gm)?.length === 2;
    });
    expect(code).toBe(1);
    expect(stderr.match(/^denied: .* TCP\/\d+/gm)?.sort()).toEqual([
      'denied: watched (Pods of no known workload) -> kept (Pods of no known workload) TCP/7002',
      'denied: watched (Pods of no known workload) -> kept (Pods of no known workload) TCP/7003',
    ]);
    expect(stderr).toContain('followed during the trial, and not read before: -');
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'ended',
      denied: [
        { times: 2, isPlanned: false },
        { times: 1, isPlanned: false },
      ],
      messages: [
        expect.stringContaining('was not confirmed'),
        expect.stringMatching(
          /^Denied since the fence: 2 flows; the flow logs had 4 lines during the trial; 1 line could/,
        ),
      ],
    });
  });

  describe('is guarded', () => {
    const past = '2020-01-01T00:00:00Z';

    it('so that nobody forges an end for a wall', async () => {
      const refusal = await dev.refused(`annotate namespace kept ${trialAnnotation}=${past}`);
      expect(refusal).toContain('verbs: [lower], resourceNames: ["kept"]');
      expect(await dev.refused(`annotate namespace kept ${trialAnnotation}=soon`)).toContain('is not a time');
      expect(isClosed(await wallOf('kept'))).toBe(true);
    });

    it('so that nobody lays one before the mark', async () => {
      await dev.run(`annotate namespace trap ${trialAnnotation}=${past}`);
      expect(await admin.refused('label namespace trap ringfence.dev/fence=true')).toContain(
        'was there before the mark',
      );
      expect(await ringfence('fence trap --yes')).toMatchObject({ code: 0 });
      expect([isClosed(await wallOf('trap')), await untilOf('trap')]).toEqual([true, undefined]);
    });
  });

  it('asks the plan of the cluster first: a flow that it would cut is a reason to refuse', async () => {
    const labels = { ...podLabels, app: 'asker' };
    const spec = { containers: [{ name: 'app', image: 'none', env: [{ name: 'API_URL', value: 'http://api:8080' }] }] };
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'api', namespace: 'cut' },
      spec: { selector: { app: 'api' }, ports: [{ port: 8080 }] },
    };
    await admin.run(
      'apply -f -',
      service,
      inNamespace('cut', workload('Deployment', 'asker', labels, spec)),
      inNamespace('cut', workload('Deployment', 'api', podLabels)),
    );
    const { code, stderr } = await ringfence('fence cut --yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining('the fence would cut a flow that is declared or seen')]);
    expect(stderr).toContain('cut/deployment/asker -> cut/deployment/api TCP/8080 at both ends');
    expect((await admin.get('namespace cut')).metadata.labels).not.toHaveProperty(['ringfence.dev/fence']);
    expect(await ringfence('fence cut --yes --accept-cuts')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('This cuts a flow that is declared or seen'),
    });
  });

  it('is kept by the replica that is left, and after a restart while the API server does not answer', async () => {
    await begin('killed');
    early.process.signal('SIGKILL');
    balancer.remove(early.url);
    await early.process.ended;
    await untilOpen('killed', await endAfter('killed', 2_000));
    await begin('away');
    const away = await endAfter('away', 10_000);
    late.process.signal('SIGKILL');
    balancer.remove(late.url);
    await late.process.ended;
    const proxy = await startApiProxy(controlPlane());
    proxy.setRule(({ path }) => (path.includes('/networkpolicies/') ? 'hold' : 'forward'));
    const kubeconfig = await controlPlane().kubeconfigForServiceAccount(ownNamespace, 'ringfence');
    const replica = await start(30, ['--kubeconfig', proxy.kubeconfigFrom(kubeconfig)]);
    await delay(Math.max(0, away + 100 - Date.now()));
    expect(isClosed(await wallOf('away'))).toBe(true);
    proxy.setRule(forwardAll);
    await eventually('the wall to be open', async () => !isClosed(await wallOf('away')));
    await proxy.close();
    replica.process.signal('SIGKILL');
    await replica.process.ended;
  });
});
