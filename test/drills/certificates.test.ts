// Certificates in the Secret, in every state of it. The API server makes four new handshakes a
// second, and no call fails.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readCertificates } from '../../src/tls/certificate.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { type ApiProxy, startApiProxy } from '../e2e/api-proxy.ts';
import { eventually, ownNamespace, type Replica } from '../e2e/installation.ts';
import { isFullRun } from '../e2e/scale.ts';
import { ownUser } from '../e2e/traffic.ts';
import { isVouchedFor, servedBy, takeSample } from './certificate-sample.ts';
import {
  type CertificateScene,
  nothing,
  openScene,
  prepare,
  type Replicas,
  startDrill,
  startReplicas,
} from './certificate-scene.ts';
import { expiredPair, meetAgain, mismatchedPair, untilGood } from './secret-states.ts';

/** Checks often, and waits after each step of a change only as long as a test needs to see it. */
const quick = ['--certificate-seconds', '0.5', '--overlap-seconds', '1'];
/**
 * How long two replicas serve under two authorities. It is longer than a write of the webhook
 * configurations takes here, which would take the old one from the API server too early.
 */
const apartMs = 2_000;
// Pods do not wait for service accounts, and only the drills write judged objects.
const options = { controllers: false, auditLog: true, disableAdmissionPlugins: ['ServiceAccount'] };

describeWithControlPlane('certificates in the Secret', options, (controlPlane) => {
  beforeAll(() => prepare(controlPlane()));

  it('are renewed and change their authority, both replicas writing at the same instant', {
    timeout: 300_000,
  }, async () => {
    const scene = openScene(controlPlane());
    await scene.deleteSecret();
    const proxies = [await openProxy(), await openProxy()] as const;
    const start = async (proxy: ApiProxy) => ({
      arguments: [
        ...lives(18, 38),
        ...['--overlap-seconds', '2.5', '--certificate-seconds', '0.5'],
        ...['--kubeconfig', await proxiedKubeconfig(proxy)],
      ],
    });
    const { balancer, replicas } = await startReplicas(controlPlane(), [
      await start(proxies[0]),
      await start(proxies[1]),
    ]);
    const bundles: string[] = [];
    let isChanging = false;
    // A replica that wants to renew waits until the other one does too, so that the race is lost
    // again and again. A change of authority takes its time to reach the API server and does not
    // wait.
    const meeting = meetAgain(2000);
    // One replica learns late of a certificate by another authority: its reads of such a Secret
    // wait. It serves under the old authority for a while after the other has stopped.
    let news = Promise.withResolvers<void>();
    const untilDue = async (): Promise<void> => {
      if (await isByAnother(scene, replicas[1])) await news.promise;
    };
    for (const proxy of proxies)
      proxy.setPatience(({ method, path }) => {
        if (proxy === proxies[1] && method === 'GET' && path.includes('/secrets/')) return untilDue();
        if (method !== 'PUT' || isChanging) return undefined;
        if (path.includes('/secrets/')) return meeting();
        return path.includes('webhookconfigurations') ? pause(1500) : undefined;
      });
    const conflictsBefore = await conflicts();
    const drill = await startDrill('renewed, and another authority, by both replicas at once', {
      controlPlane: controlPlane(),
      scene,
      balancer,
    });

    const leaves = new Set<string>();
    let untrusted = 0;
    let apart: { readonly since: number; readonly handshakes: number } | undefined;
    const changes = isFullRun ? 2 : 1;
    await eventually(
      'the authority to have changed',
      async () => {
        const { served, trusted, untrusted: more } = await takeSample(scene, replicas);
        untrusted += more;
        for (const leaf of served) leaves.add(leaf.fingerprint256);
        const bundle = trusted
          .map(({ fingerprint256 }) => fingerprint256)
          .sort()
          .join();
        if (bundles.at(-1) !== bundle) bundles.push(bundle);
        const isOne = new Set(served.map(({ fingerprint256 }) => fingerprint256)).size === 1;
        isChanging = trusted.length > 1 || (isChanging && !isOne);
        const isShared = trusted.some((one) => served.every((leaf) => isVouchedFor(leaf, [one])));
        if (!isShared) apart ??= { since: performance.now(), handshakes: drill.load.handshakes() };
        const isLong = apart !== undefined && performance.now() - apart.since > apartMs;
        if (!isChanging || (isLong && drill.load.handshakes() >= (apart?.handshakes ?? 0) + 4)) news.resolve();
        if (!isChanging) [news, apart] = [Promise.withResolvers(), undefined];
        return lossesOf(bundles) >= changes && isOne;
      },
      changes * 100_000,
    );
    await drill.load.untilWritten(drill.load.written() + 20);

    const lost = (await conflicts()) - conflictsBefore;
    const remark = `${leaves.size - 1} renewals, ${changes} changes of authority, ${lost} races for the Secret`;
    expect(await drill.end({ remark })).toEqual(nothing);
    // Each bundle contains the one before it, or all that is left of it.
    for (const [index, bundle] of bundles.slice(1).entries()) {
      const before = new Set(bundles[index]?.split(','));
      const after = new Set(bundle.split(','));
      expect(after.isSupersetOf(before) || after.isSubsetOf(before)).toBe(true);
    }
    expect(leaves.size - 1).toBeGreaterThanOrEqual(2 * changes);
    expect(untrusted).toBe(0);
    expect(lost).toBeGreaterThan(0);
  });

  describe('and a Secret', () => {
    const ends: (() => Promise<void>)[] = [];
    let running: Replicas;
    beforeAll(async () => {
      running = await startReplicas(controlPlane(), [{ arguments: quick }, { arguments: quick }], (end) =>
        ends.push(end),
      );
    });
    afterAll(async () => {
      for (const end of ends) await end();
    });

    it.each<[string, (scene: CertificateScene) => Promise<void>]>([
      ['that is deleted', (scene) => scene.deleteSecret()],
      [
        'that is rubbish',
        (scene) =>
          scene.spoilSecret(
            Object.fromEntries(['tls.crt', 'tls.key', 'ca.crt', 'ca.key'].map((key) => [key, 'rubbish'])),
          ),
      ],
      ['that holds an expired pair', async (scene) => scene.spoilSecret(await expiredPair())],
      ['that holds a pair that does not match', async (scene) => scene.spoilSecret(await mismatchedPair(scene))],
    ])('%s is made good again', async (fault, spoil) => {
      const scene = openScene(controlPlane());
      const { balancer, replicas } = running;
      const before = new Set((await Promise.all(replicas.map(servedBy))).map(({ fingerprint256 }) => fingerprint256));
      const drill = await startDrill(`a Secret ${fault}`, { controlPlane: controlPlane(), scene, balancer });
      const spoiltAt = performance.now();
      await spoil(scene);
      await untilGood(scene, replicas, (leaf) => !before.has(leaf));
      const recoveryMs = performance.now() - spoiltAt;
      // One more second, for problems that appear only at the next handshake.
      await drill.load.untilWritten(drill.load.written() + 20);
      expect(await drill.end({ recoveryMs })).toEqual(nothing);
    });
  });

  describe('and a replica whose clock', () => {
    it.each([
      ['is an hour ahead', 3_600_000],
      ['is an hour behind', -3_600_000],
    ])('%s makes certificates that everybody can use', async (clock, shiftMs) => {
      const scene = openScene(controlPlane());
      const proxy = await openProxy();
      const shifted = import.meta.resolve('./shifted-clock.ts');
      const { balancer, replicas } = await startReplicas(controlPlane(), [
        { arguments: [...quick, '--kubeconfig', await proxiedKubeconfig(proxy)] },
        {
          arguments: quick,
          environment: { NODE_OPTIONS: `--import=${shifted}`, RINGFENCE_SHIFT_MS: String(shiftMs) },
        },
      ]);
      const [, wrong] = replicas;
      const skewMs = Date.parse(wrong.log().at(-1)?.time ?? '') - Date.now();
      expect(Math.abs(skewMs - shiftMs)).toBeLessThan(60_000);
      // The replica with the right clock is always too late.
      proxy.setPatience(({ method, path }) =>
        method !== 'GET' && path.includes('/secrets') ? pause(2000) : undefined,
      );
      const before = new Set((await Promise.all(replicas.map(servedBy))).map(({ fingerprint256 }) => fingerprint256));
      const drill = await startDrill(`a replica whose clock ${clock}`, {
        controlPlane: controlPlane(),
        scene,
        balancer,
      });
      const deletedAt = performance.now();
      await scene.deleteSecret();
      await untilGood(scene, replicas, (leaf) => !before.has(leaf));
      const recoveryMs = performance.now() - deletedAt;
      await drill.load.untilWritten(drill.load.written() + 20);
      const made = writesOf(wrong).length;
      const remark = `Secret deleted; written ${made} times by the clock that is off`;
      expect(await drill.end({ recoveryMs, remark })).toEqual(nothing);
      expect(made).toBeGreaterThan(0);
      expect((await scene.readSecret())?.data['ca.crt']).toBeDefined();
    });
  });

  async function openProxy(): Promise<ApiProxy> {
    const proxy = await startApiProxy(controlPlane());
    onTestFinished(() => proxy.close());
    return proxy;
  }

  async function proxiedKubeconfig(proxy: ApiProxy): Promise<string> {
    return proxy.kubeconfigFrom(await controlPlane().kubeconfigForServiceAccount(ownNamespace, 'ringfence'));
  }

  /** The number of writes of the Secret that came too late. */
  async function conflicts(): Promise<number> {
    const events = await controlPlane().auditEvents();
    return events.filter(
      ({ user, objectRef, responseStatus }) =>
        user.username === ownUser && objectRef?.resource === 'secrets' && responseStatus?.code === 409,
    ).length;
  }
});

/** Returns the number of authorities that have left the bundle. */
function lossesOf(bundles: readonly string[]): number {
  const seen = new Set(bundles.flatMap((bundle) => bundle.split(',')));
  return seen.difference(new Set(bundles.at(-1)?.split(','))).size;
}

/** Formats lifetimes in seconds as options: certificates, authorities. */
function lives(certificateSeconds: number, authoritySeconds: number): readonly string[] {
  return [
    '--certificate-hours',
    String(certificateSeconds / 3600),
    '--authority-hours',
    String(authoritySeconds / 3600),
  ];
}

/** Returns the steps that a replica has written to the Secret. */
function writesOf(replica: Replica): readonly unknown[] {
  return replica.log().flatMap((line) => (line.msg === 'certificates written' ? [line['step']] : []));
}

/** Whether the certificate in the Secret is by another authority than the one a replica serves. */
async function isByAnother(scene: CertificateScene, replica: Replica): Promise<boolean> {
  const secret = await scene.readSecret();
  const { 'tls.crt': cert = '', 'ca.crt': bundle = '' } = secret?.data ?? {};
  const [leaf] = readCertificates(cert);
  if (leaf === undefined) return false;
  const both = [leaf, await servedBy(replica)];
  return !readCertificates(bundle).some((one) => both.every((each) => isVouchedFor(each, [one])));
}
