// The trusted authorities are removed by hand, and a certificate that nobody can renew expires.
import type { X509Certificate } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/connection.ts';
import { lastCallOf } from '../../src/tls/certificate.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Replica } from '../e2e/installation.ts';
import { isFullRun } from '../e2e/scale.ts';
import { isVouchedFor, servedBy } from './certificate-sample.ts';
import {
  type CertificateScene,
  configurationPaths,
  nothing,
  openScene,
  prepare,
  startDrill,
  startReplicas,
  takeRights,
} from './certificate-scene.ts';
import type { Failure } from './load.ts';

/** The promised time. Outside the full run, a busy machine gets more. */
const promisedMs = isFullRun ? 2_000 : 10_000;
const options = { controllers: false, disableAdmissionPlugins: ['ServiceAccount'] };

describeWithControlPlane('what the API server trusts', options, (controlPlane) => {
  beforeAll(() => prepare(controlPlane()));

  it('is whole again soon after it was emptied by hand, and nothing is admitted meanwhile', async () => {
    const scene = openScene(controlPlane());
    const { balancer, replicas } = await startReplicas(controlPlane(), [{ arguments: [] }, { arguments: [] }]);
    const drill = await startDrill('caBundle emptied by hand', { controlPlane: controlPlane(), scene, balancer });
    const leaf = await servedBy(replicas[0]);
    const times: { readonly from: number; readonly to: number }[] = [];
    for (let round = 0; round < (isFullRun ? 10 : 3); round += 1) {
      const from = performance.now();
      await emptyBundles(scene.cluster);
      await eventually('the bundle', async () => isVouchedFor(leaf, await scene.trusted()), 30_000);
      times.push({ from, to: performance.now() });
      await drill.load.untilWritten(drill.load.written() + 30);
    }
    // API servers learn of it within milliseconds, on a busy machine within seconds. The drill
    // allows the writes that were refused in that time.
    const heardMs = isFullRun ? 1_000 : 5_000;
    const isExpected = ({ startedAt, endedAt, reason }: Failure): boolean =>
      // A namespace is refused if its mark could not be requested and it was judged after the other
      // configuration was repaired.
      /failed calling webhook|a new namespace is marked before it is judged/.test(reason) &&
      times.some(({ from, to }) => endedAt >= from && startedAt <= to + heardMs);
    const longest = Math.max(...times.map(({ from, to }) => to - from));
    const lost = drill.load.failures().filter(isExpected).length;
    const remark = `emptied ${times.length} times, whole after ${longest.toFixed(0)} ms at most; ${lost} writes refused meanwhile, as webhooks that fail closed are`;
    const { reasons, admitted } = await drill.end({ recoveryMs: longest, remark, isExpected });
    expect({ reasons, admitted }).toEqual({ reasons: [], admitted: [] });
    expect(longest).toBeLessThan(promisedMs);
  });

  it('is gone with the certificate, and readiness says so before, where nobody can renew it', async () => {
    const scene = openScene(controlPlane());
    await scene.deleteSecret();
    const seconds = isFullRun ? 60 : 24;
    const lives = ['--certificate-hours', String(seconds / 3600), '--certificate-seconds', '0.5'];
    const { balancer, replicas } = await startReplicas(controlPlane(), [{ arguments: lives }, { arguments: lives }]);
    const giveBack = await takeRights(scene.cluster);
    const [leaf] = await Promise.all(replicas.map(servedBy));
    if (leaf === undefined) throw new Error('no certificate is served');
    const [lastCall, expiry] = [lastCallOf(leaf), leaf.validToDate.getTime()];
    const drill = await startDrill('a certificate that cannot be renewed: no right to write the Secret', {
      controlPlane: controlPlane(),
      scene,
      balancer,
    });

    const probes = await Promise.all(replicas.map((replica) => probeUntilUnready(replica)));
    const metrics = await Promise.all(replicas.map(readExpiry));
    await drill.load.stop();
    const returnedAt = performance.now();
    await giveBack();
    await untilRenewed(scene, replicas, leaf);
    const recoveryMs = performance.now() - returnedAt;

    const unready = probes.map((each) => each.at(-1));
    const margin = Math.min(...unready.map((probe) => expiry - (probe?.endedAt ?? 0)));
    const origin = performance.timeOrigin;
    const isExpected = ({ endedAt }: Failure): boolean => !isFullRun && origin + endedAt >= expiry;
    const remark = `not ready ${(margin / 1000).toFixed(1)} s before the end of ${seconds} s`;
    const { reasons, admitted } = await drill.end({ recoveryMs, remark, isExpected });
    expect({ reasons, admitted }).toEqual({ reasons: nothing.reasons, admitted: nothing.admitted });
    // The answer must change at the right moment, even on a busy machine.
    for (const { startedAt, endedAt, status } of probes.flat()) {
      if (startedAt >= lastCall) expect(status).toBe(503);
      if (endedAt < lastCall) expect(status).toBe(200);
    }
    if (isFullRun) expect(margin).toBeGreaterThan(0);
    for (const probe of unready) expect(probe?.text).toContain(leaf.validToDate.toISOString());
    expect(metrics).toEqual(replicas.map(() => expiry / 1000));
    for (const replica of replicas)
      expect(replica.log()).toContainEqual(
        expect.objectContaining({ msg: 'certificates could not be refreshed', code: 403 }),
      );
  });
});

/** Removes every authority from every entry of both configurations. */
async function emptyBundles(cluster: Cluster): Promise<void> {
  for (const path of configurationPaths) {
    const { webhooks = [] } = await cluster.request<{ webhooks?: readonly unknown[] }>('GET', path);
    const body = webhooks.map((_, index) => ({
      op: 'replace',
      path: `/webhooks/${index}/clientConfig/caBundle`,
      value: '',
    }));
    await cluster.request('PATCH', path, { contentType: 'application/json-patch+json', body });
  }
}

/**
 * The answer of a probe, with the times of the call and of the answer in milliseconds since 1970.
 */
interface Probe {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly status: number;
  readonly text: string;
}

async function probeUntilUnready(replica: Replica): Promise<readonly Probe[]> {
  const probes: Probe[] = [];
  while (probes.at(-1)?.status !== 503) {
    const startedAt = Date.now();
    const answer = await fetch(`${replica.adminUrl}/readyz`);
    probes.push({ startedAt, status: answer.status, text: await answer.text(), endedAt: Date.now() });
    await delay(25);
  }
  return probes;
}

/** Returns the expiry of the certificate by the metric, in seconds since 1970. */
async function readExpiry(replica: Replica): Promise<number> {
  const text = await (await fetch(`${replica.adminUrl}/metrics`)).text();
  const [, value] = /^ringfence_certificate_expiry_timestamp_seconds\{part="certificate"\} (\S+)$/m.exec(text) ?? [];
  return Number(value);
}

async function untilRenewed(
  scene: CertificateScene,
  replicas: readonly Replica[],
  before: X509Certificate,
): Promise<void> {
  await eventually(
    'both to be ready again, with another certificate that is trusted',
    async () => {
      const trusted = await scene.trusted();
      const served = await Promise.all(replicas.map(servedBy));
      const answers = await Promise.all(replicas.map(({ adminUrl }) => fetch(`${adminUrl}/readyz`)));
      return (
        answers.every(({ ok }) => ok) &&
        served.every((leaf) => leaf.fingerprint256 !== before.fingerprint256 && isVouchedFor(leaf, trusted))
      );
    },
    30_000,
  );
}
