// An API server that is not available: before Ringfence starts, and while it runs.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/connection.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { createNamespace, createPod, type Entered } from '../e2e/burst.ts';
import { eventually, type LogLine, type Replica } from '../e2e/installation.ts';
import { isFullRun } from '../e2e/scale.ts';
import { record } from './record.ts';
import { isReady, setScene, untilReady } from './scene.ts';

const part = 'stopping and starting';
const awayMs = isFullRun ? 30_000 : 6_000;
/** The promise is five seconds. Outside the full run, a busy machine gets more. */
const promisedMs = isFullRun ? 5_000 : 20_000;
const timeout = 600_000;
const options = { disableAdmissionPlugins: ['ServiceAccount'] };

describeWithControlPlane('an API server that is not there', options, (controlPlane) => {
  it('at the start is waited for, and the process says so, and goes on when it comes', { timeout }, async () => {
    const scene = await setScene(controlPlane());
    await scene.history.stop();
    await controlPlane().stopApiServer();
    const replica = await scene.installation.start({ webhookUrl: scene.balancer.url });
    scene.balancer.add(replica.url);
    await eventually(
      'the process to live',
      async () => (await fetch(`${replica.adminUrl}/healthz`).catch(() => undefined))?.ok,
    );
    await delay(awayMs);
    const probe = await fetch(`${replica.adminUrl}/readyz`);
    expect(probe.status).toBe(503);
    expect((await probe.json()) as object).toMatchObject({ waiting: expect.arrayContaining(['waiting for cluster']) });
    const said = complaintsOf(replica);
    // It logs the reason, but not too often.
    expect(said.length).toBeGreaterThan(0);
    expect(said.length).toBeLessThan(10 + awayMs / 1_000);
    expect(said.map((line) => JSON.stringify(line)).join()).toContain('ECONNREFUSED');

    await controlPlane().startApiServer();
    const back = performance.now();
    await untilReady(replica);
    const recoveryMs = performance.now() - back;
    const traffic = await scene.traffic({ prefix: 'late' });
    await traffic.untilWritten(60);
    await traffic.stop();
    record({
      part,
      drill: `API server away for ${awayMs / 1_000} s when Ringfence starts`,
      writes: traffic.written(),
      failed: traffic.failures().length,
      wrong: traffic.admitted().length,
      recoveryMs,
      remark: `${said.length} lines of the log say why`,
    });
    expect({ failed: traffic.failures(), admitted: traffic.admitted() }).toEqual({ failed: [], admitted: [] });
    expect(recoveryMs).toBeLessThan(promisedMs * 2);
  });

  it('for a while leaves everything as it was', { timeout }, async () => {
    const scene = await setScene(controlPlane());
    await scene.history.stop();
    const replicas = [await scene.join(), await scene.join()];
    const traffic = await scene.traffic({ prefix: 'before' });
    await traffic.untilWritten(40);
    await traffic.stop();
    expect({ failed: traffic.failures(), admitted: traffic.admitted() }).toEqual({ failed: [], admitted: [] });

    const before = replicas.map((replica) => complaintsOf(replica).length);
    await controlPlane().stopApiServer();
    await delay(awayMs);
    const said = replicas.map((replica, index) => complaintsOf(replica).length - (before[index] ?? 0));
    await controlPlane().startApiServer();
    const back = performance.now();
    await eventually('a Pod to enter a new namespace', () => enters(scene.cluster, 'after'), 60_000);
    for (const replica of replicas) await untilReady(replica);
    await eventually('a wall that is taken away to be made again', () => isRepaired(scene.cluster, 'before-home'));
    const recoveryMs = performance.now() - back;
    const later = await scene.traffic({ prefix: 'later' });
    await later.untilWritten(60);
    await later.stop();
    record({
      part,
      drill: `API server away for ${awayMs / 1_000} s while two replicas run`,
      writes: traffic.written() + later.written(),
      failed: later.failures().length,
      wrong: later.admitted().length,
      recoveryMs,
      remark: `${said.join(' and ')} lines of the log say so`,
    });
    expect({ failed: later.failures(), admitted: later.admitted() }).toEqual({ failed: [], admitted: [] });
    // Two informers, with pauses of up to 7.5 s, and the certificate and the configuration, each
    // every few seconds.
    for (const lines of said) expect(lines).toBeLessThan(20 + awayMs / 500);
    expect(replicas.filter(hasEnded)).toEqual([]);
    expect(await Promise.all(replicas.map(isReady))).toEqual([true, true]);
    expect(recoveryMs).toBeLessThan(promisedMs);
  });
});

function complaintsOf(replica: Replica): readonly LogLine[] {
  return replica.log().filter(({ level }) => level === 'warn' || level === 'error');
}

let tries = 0;

async function enters(cluster: Cluster, prefix: string): Promise<Entered | undefined> {
  tries += 1;
  const name = `${prefix}-${tries}`;
  return createNamespace(cluster, name)
    .then(() => createPod(cluster, name, 'pod'))
    .catch(() => undefined);
}

/** Deletes a wall without the knowledge of a process, and waits for a new one. */
async function isRepaired(cluster: Cluster, namespace: string): Promise<boolean> {
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/deny-all-baseline`;
  const read = async () => (await cluster.request<RawObject>('GET', path).catch(() => undefined))?.metadata.uid;
  const before = await read();
  await cluster.request('DELETE', path).catch(() => undefined);
  await eventually('another wall', async () => ![before, undefined].includes(await read()));
  return true;
}

function hasEnded({ process: { pid } }: Replica): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
