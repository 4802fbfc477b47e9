// Readiness and liveness on a real API server: what makes a replica not ready, what does not, and
// its recovery.
import { expect, it, onTestFinished } from 'vitest';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { forwardAll, holdWatches, startApiProxy } from './api-proxy.ts';
import { eventually, install, ownNamespace, type Replica } from './installation.ts';
import { tell } from './scale.ts';

/** The least that `serve` allows, because a quiet watch is silent for 25 seconds. */
const silence = ['--silence-seconds', '30'];

describeWithControlPlane('the probes', {}, (controlPlane) => {
  it('of a replica that hears nothing say so, and nothing of a restart, until it hears again', async () => {
    const installation = await install(controlPlane(), 'enforce');
    onTestFinished(() => installation.end());
    const proxy = await startApiProxy(controlPlane());
    onTestFinished(() => proxy.close());
    const account = await controlPlane().kubeconfigForServiceAccount(ownNamespace, 'ringfence');
    const kubeconfig = ['--kubeconfig', proxy.kubeconfigFrom(account)];
    const replica = await installation.start({ arguments: [...kubeconfig, ...silence] });
    await replica.untilReady();
    expect(await ready(replica)).toMatchObject({ code: 200, status: 'ready' });

    // Watches and lists fall silent. Calls by name work as before.
    proxy.setRule((call) => (/\/(?:namespaces|networkpolicies)$/.test(call.path) ? 'hold' : holdWatches(call)));
    const silentAt = performance.now();
    const unready = await eventually(
      'the replica to be not ready',
      async () => {
        const answer = await ready(replica);
        return answer.code === 503 && answer.waiting.length === 2 && answer;
      },
      60_000,
    );
    const silentFor = performance.now() - silentAt;
    const sentence = /^nothing received about (\w+) for (\d+) seconds \(at most 30 are allowed\)$/;
    const silent = unready.waiting.map((said) => sentence.exec(said)?.slice(1) ?? [said]);
    expect(silent.map(([informer]) => informer).sort()).toEqual(['namespaces', 'networkpolicies']);
    // Parts of a second are cut off.
    for (const [informer, seconds] of silent) expect(Number(seconds), informer).toBeGreaterThanOrEqual(30);
    expect(unready).toMatchObject({ status: 'not ready', mode: 'enforce', webhooksKept: true });
    expect(await metric(replica, 'ringfence_ready')).toBe(0);
    expect(await alive(replica)).toBe(true);

    proxy.setRule(forwardAll);
    const heardAt = performance.now();
    await eventually('the replica to be ready again', async () => (await ready(replica)).code === 200, 90_000);
    expect(await metric(replica, 'ringfence_ready')).toBe(1);
    const seconds = (ms: number) => (ms / 1000).toFixed(1);
    tell(
      `probes: not ready ${seconds(silentFor)} s after silence, ready ${seconds(performance.now() - heardAt)} s after it ended`,
    );
  });

  it('of a replica whose API server is away leave it in service: it is there when the reviews are', async () => {
    const installation = await install(controlPlane(), 'enforce');
    onTestFinished(() => installation.end());
    const replica = await installation.start({ arguments: silence });
    await replica.untilReady();
    await controlPlane().stopApiServer();
    await eventually('the webhooks to be unkept', async () => (await metric(replica, 'ringfence_webhooks_kept')) === 0);
    expect(await ready(replica)).toMatchObject({ code: 200, webhooksKept: false });
    expect(await alive(replica)).toBe(true);
    await controlPlane().startApiServer();
    await eventually(
      'the webhooks to be kept again',
      async () => (await metric(replica, 'ringfence_webhooks_kept')) === 1,
    );
    const again = await eventually('the replica to be in service', async () => {
      const answer = await ready(replica);
      return answer.code === 200 && answer;
    });
    expect(again).toMatchObject({ code: 200, webhooksKept: true });
  });

  it('of a process that stands still go unanswered, and a restart is what helps', async () => {
    const installation = await install(controlPlane(), 'enforce');
    onTestFinished(() => installation.end());
    const replica = await installation.start();
    await replica.untilReady();
    expect(await alive(replica)).toBe(true);
    replica.process.signal('SIGSTOP');
    await eventually('the process to stand still', async () => !(await alive(replica)));
    replica.process.signal('SIGCONT');
    expect(await eventually('the process to answer again', () => alive(replica))).toBe(true);
  });
});

interface Readiness {
  readonly code: number;
  readonly status: string;
  readonly waiting: readonly string[];
}

async function ready({ adminUrl }: Replica): Promise<Readiness> {
  const answer = await fetch(`${adminUrl}/readyz`);
  const body = (await answer.json()) as Partial<Readiness>;
  return { status: '', waiting: [], ...body, code: answer.status };
}

/** Whether the liveness probe would succeed: an answer within its time. */
async function alive({ adminUrl }: Replica): Promise<boolean> {
  const answer = await fetch(`${adminUrl}/healthz`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  return answer?.ok === true;
}

async function metric({ adminUrl }: Replica, name: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}
