// Replicas stop, orderly or not, while everybody writes.
import { expect, it } from 'vitest';
import { describeWithControlPlane, describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Replica } from '../e2e/installation.ts';
import { isFullRun } from '../e2e/scale.ts';
import { failedCalls } from '../e2e/traffic.ts';
import { record } from './record.ts';
import { setScene } from './scene.ts';

const part = 'stopping and starting';
const stops = isFullRun ? 8 : 2;
const kills = isFullRun ? 8 : 2;
const rounds = isFullRun ? 10 : 1;
/** The interval of the writes. The full run makes thousands of them. */
const everyMs = isFullRun ? 10 : 40;
const timeout = 600_000;

// With the ServiceAccount plugin, a Pod waits for its service account, which would hide the race.
const options = { disableAdmissionPlugins: ['ServiceAccount'] };

describeWithControlPlane('a replica that is told to stop', options, (controlPlane) => {
  it('fails no call, though the balancer learns of it late', { timeout }, async () => {
    const scene = await setScene(controlPlane());
    const replicas = [await scene.join(), await scene.join()];
    const traffic = await scene.traffic({ prefix: 'stop', everyMs });
    const codes: (number | null)[] = [];
    for (let stop = 0; stop < stops; stop += 1) {
      // Every replica is called until it ends.
      await traffic.untilWritten(traffic.written() + 51);
      const [oldest] = replicas.splice(0, 1);
      if (oldest === undefined) throw new Error('there are always two');
      codes.push(await scene.retire(oldest));
      replicas.push(await scene.join());
    }
    await traffic.stop();
    const wrongs = await scene.wrongs(traffic);
    const failed = traffic.failures();
    record({
      part,
      drill: `SIGTERM to one of two replicas, ${stops} times`,
      writes: traffic.written(),
      failed: failed.length,
      wrong: wrongs.length,
      remark: `${traffic.misdeeds()} wrong writes beside; exit codes ${[...new Set(codes)].join(', ')}`,
    });
    expect({ failed, wrongs }).toEqual({ failed: [], wrongs: [] });
    expect(new Set(codes)).toEqual(new Set([0]));
    expect(await failedCalls(controlPlane())).toEqual([]);
    expect(traffic.written()).toBeGreaterThan(stops * 50);
  });
});

describeWithSharedControlPlane('a replica that is killed', (controlPlane) => {
  it('fails no more than what was in flight', { timeout }, async () => {
    const scene = await setScene(controlPlane(), { isBlind: false });
    const replicas = [await scene.join(), await scene.join()];
    const traffic = await scene.traffic({ prefix: 'kill', everyMs: isFullRun ? 25 : 40 });
    let allowed = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      await traffic.untilWritten(traffic.written() + 40);
      const [oldest] = replicas.splice(0, 1);
      if (oldest === undefined) throw new Error('there are always two');
      const before = traffic.failures().length;
      const [inFlight, begun] = [traffic.inFlight(), traffic.written() + traffic.misdeeds()];
      process.kill(oldest.process.pid, 'SIGKILL');
      await oldest.process.ended;
      // Calls still use its connections until these are closed.
      allowed += inFlight + traffic.written() + traffic.misdeeds() - begun;
      // The balancer notices it itself, because nothing listens there.
      await traffic.untilWritten(traffic.written() + 40);
      scene.balancer.remove(oldest.url);
      // The remaining replica refuses a namespace whose mark could not be requested.
      for (const failure of traffic.failures().slice(before))
        expect(failure).toMatch(/failed calling webhook|a new namespace is marked before it is judged/);
      replicas.push(await scene.join());
    }
    await traffic.stop();
    const wrongs = await scene.wrongs(traffic);
    record({
      part,
      drill: `SIGKILL to one of two replicas, ${kills} times`,
      writes: traffic.written(),
      failed: Math.max(0, traffic.failures().length - allowed),
      wrong: wrongs.length,
      remark: `${allowed} in flight at the kills, ${traffic.failures().length} of them failed`,
    });
    expect(wrongs).toEqual([]);
    expect(traffic.failures().length).toBeLessThanOrEqual(allowed);
  });
});

describeWithControlPlane('a rolling replacement', options, (controlPlane) => {
  it('of every replica is felt by nobody', { timeout }, async () => {
    const scene = await setScene(controlPlane());
    let replicas: readonly Replica[] = await Promise.all([scene.join(), scene.join(), scene.join()]);
    const traffic = await scene.traffic({ prefix: 'roll' });
    for (let round = 0; round < rounds; round += 1) {
      const next: Replica[] = [];
      for (const old of replicas) {
        // maxSurge 1 and maxUnavailable 0, as in the Deployment.
        next.push(await scene.join({ arguments: ['--drain-seconds', '1.5'] }));
        expect(await scene.retire(old)).toBe(0);
      }
      replicas = next;
    }
    await traffic.stop();
    const wrongs = await scene.wrongs(traffic);
    const failed = traffic.failures();
    record({
      part,
      drill: `all three replicas replaced, ${rounds} times`,
      writes: traffic.written(),
      failed: failed.length,
      wrong: wrongs.length,
      remark: `${traffic.misdeeds()} wrong writes beside, ${traffic.entered().length} Pods entered`,
    });
    expect({ failed, wrongs }).toEqual({ failed: [], wrongs: [] });
    await eventually('no calls that failed', async () => (await failedCalls(controlPlane())).length === 0);
  });
});
