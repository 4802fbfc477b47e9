// A process that runs out of memory, files or space for its log. It ends or refuses, and never
// admits a wrong object.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Replica } from '../e2e/installation.ts';
import { isFullRun } from '../e2e/scale.ts';
import { record } from './record.ts';
import { type Scene, setScene } from './scene.ts';
import type { Traffic } from './traffic.ts';

const part = 'stopping and starting';
const promisedMs = isFullRun ? 5_000 : 20_000;
const writes = isFullRun ? 300 : 60;
const timeout = 600_000;
describeWithSharedControlPlane('a replica without memory', (controlPlane) => {
  it('ends, and the other one serves', { timeout }, async () => {
    const scene = await setScene(controlPlane(), { isBlind: false });
    // This is enough memory for the bundle to start and to serve, but not for the later requests.
    const poor = await scene.join({ environment: { NODE_OPTIONS: '--max-old-space-size=44 --max-semi-space-size=1' } });
    await scene.join();
    const traffic = await scene.traffic({ prefix: 'memory' });
    await traffic.untilWritten(writes / 2);
    const filler = flood(poor);
    const end = await poor.process.ended;
    scene.balancer.remove(poor.url);
    filler.stop();
    const endedAt = traffic.written();
    const broken = traffic.failures().length;
    await traffic.untilWritten(endedAt + writes);
    await traffic.stop();
    const wrongs = await scene.wrongs(traffic);
    const after = traffic.failures().slice(broken).filter(isLater(endedAt));
    record({
      part,
      drill: 'one of two replicas runs out of memory',
      writes: traffic.written(),
      failed: after.length,
      wrong: wrongs.length,
      remark: `it ended by ${end.signal ?? end.code}; ${traffic.failures().length - after.length} writes failed until then`,
    });
    expect(wrongs).toEqual([]);
    expect(after).toEqual([]);
    expect(end).not.toEqual({ code: 0, signal: null });
    // The other replica refuses a namespace whose mark could not be requested.
    for (const failure of traffic.failures())
      expect(failure).toMatch(/failed calling webhook|could not be|a new namespace is marked before it is judged/);
  });
});

describeWithSharedControlPlane('a replica without files', (controlPlane) => {
  it('refuses connections, and serves again when there are some', { timeout }, async () => {
    const scene = await setScene(controlPlane());
    const replica = await scene.join({ openFiles: 64 });
    const traffic = await scene.traffic({ prefix: 'files' });
    await traffic.untilWritten(writes / 2);
    const sockets = hold(replica, 400);
    await traffic.untilWritten(traffic.written() + writes);
    // The connections above the limit were accepted and closed at once.
    const closed = sockets.filter(({ destroyed }) => destroyed).length;
    expect(closed).toBeGreaterThan(sockets.length - 64);
    for (const socket of sockets) socket.destroy();
    const freed = performance.now();
    const broken = traffic.failures().length;
    const recoveryMs = await untilNothingFails(traffic, freed);
    await traffic.untilWritten(traffic.written() + writes);
    await traffic.stop();
    await judge(scene, traffic, replica, {
      drill: '400 connections held, with 64 files at most',
      recoveryMs,
      broken,
    });
  });
});

describeWithSharedControlPlane('a log that cannot be written', (controlPlane) => {
  it('changes no decision', { timeout }, async () => {
    const scene = await setScene(controlPlane());
    const replica = await scene.join({ logFile: '/dev/full' });
    const traffic = await scene.traffic({ prefix: 'full' });
    await traffic.untilWritten(writes);
    await traffic.stop();
    await judge(scene, traffic, replica, { drill: 'the disk of the log is full', broken: 0 });
  });
});

async function judge(
  scene: Scene,
  traffic: Traffic,
  replica: Replica,
  facts: { readonly drill: string; readonly recoveryMs?: number; readonly broken: number },
): Promise<void> {
  const { drill, recoveryMs, broken } = facts;
  const wrongs = await scene.wrongs(traffic);
  const failed = traffic.failures().slice(broken);
  record({
    part,
    drill,
    writes: traffic.written(),
    failed: recoveryMs === undefined ? failed.length : 0,
    wrong: wrongs.length,
    ...(recoveryMs === undefined ? {} : { recoveryMs }),
    remark: `${broken} writes failed meanwhile, ${traffic.misdeeds()} wrong ones were refused`,
  });
  expect(wrongs).toEqual([]);
  // The process has not restarted.
  expect(() => process.kill(replica.process.pid, 0)).not.toThrow();
  if (recoveryMs === undefined) expect(failed).toEqual([]);
  else expect(recoveryMs).toBeLessThan(promisedMs);
}

/** Returns the milliseconds from `from` until a second in which no new write failed. */
async function untilNothingFails(traffic: Traffic, from: number): Promise<number> {
  let [count, since] = [traffic.failures().length, performance.now()];
  await eventually(
    'writes to pass',
    () => {
      if (traffic.failures().length !== count) [count, since] = [traffic.failures().length, performance.now()];
      return performance.now() - since > 1_000;
    },
    60_000,
  );
  return since - from;
}

/** Selects failures of writes that began at this count or later. */
function isLater(count: number): (failure: string) => boolean {
  return (failure) => Number(/^write (\d+)/.exec(failure)?.[1]) > count;
}

function hold({ url }: Replica, count: number): readonly Socket[] {
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: count }, () =>
    connect({ host: hostname, port: Number(port) }).on('error', () => undefined),
  );
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return sockets;
}

/** Sends many reviews of a megabyte in parallel, until it is stopped. */
function flood(replica: Replica): { stop(): void } {
  const fields = Array.from({ length: 40_000 }, (_, index) => `"key-${index}":{"name":"${index}"}`).join();
  const body = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"flood","object":{${fields}}}}`;
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  let isStopped = false;
  const ask = async (): Promise<void> => {
    while (!isStopped) {
      await post(`${replica.url}/validate/enforced`, body, agent).catch(() => undefined);
      await delay(5);
    }
  };
  for (let client = 0; client < 16; client += 1) void ask();
  return {
    stop() {
      isStopped = true;
      agent.destroy();
    },
  };
}

async function post(url: string, body: string, agent: Agent): Promise<void> {
  const call = request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, agent }).end(body);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  await buffer(answer);
}
