// Certificates in files that somebody else renews, in the layout of the kubelet. The replicas see a
// change one after the other, and no call fails.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isSame, readCertificates } from '../../src/tls/certificate.ts';
import type { AuditEvent } from '../control-plane/audit-log.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { startBalancer } from '../e2e/balancer.ts';
import { eventually, openInstallation, type Replica } from '../e2e/installation.ts';
import { isFullRun } from '../e2e/scale.ts';
import { ownUser } from '../e2e/traffic.ts';
import {
  type MountedFolder,
  makeAuthority,
  makeFiles,
  mountFolder,
  type SecretFiles,
} from '../tls/certificate-folder.ts';
import { servedBy, takeSample } from './certificate-sample.ts';
import {
  nothing,
  openScene,
  prepare,
  type Replicas,
  startDrill,
  startReplicas,
  takeRights,
  untilServed,
} from './certificate-scene.ts';

const names = { dnsNames: [], ipAddresses: ['127.0.0.1'] };
/**
 * The time between the moments at which the two replicas see a change. The kubelet takes a minute
 * at most, and authorities are kept for ten.
 */
const apartMs = isFullRun ? 20_000 : 3_000;
const quick = ['--certificate-seconds', '0.2', '--overlap-seconds', isFullRun ? '6' : '2'];
const options = { controllers: false, auditLog: true, disableAdmissionPlugins: ['ServiceAccount'] };

const [authority, successor] = await Promise.all([makeAuthority(), makeAuthority()]);
const issue = (): Promise<SecretFiles> => makeFiles(authority, { names });

describeWithControlPlane('certificates in mounted files', options, (controlPlane) => {
  beforeAll(() => prepare(controlPlane()));

  describe('that replicas follow without any right on Secrets', () => {
    const ends: (() => unknown)[] = [];
    let folders: readonly [MountedFolder, MountedFolder];
    let running: Replicas;
    const swapBoth = (files: Partial<SecretFiles>): void => folders.forEach((folder) => void folder.swap(files));

    beforeAll(async () => {
      const files = await issue();
      folders = [mountFolder(files), mountFolder(files)];
      ends.push(...folders.map(({ end }) => end));
      const scene = openScene(controlPlane(), (end) => ends.push(end));
      const giveBack = await takeRights(scene.cluster);
      ends.unshift(giveBack);
      const [one, other] = folders.map(({ path }) => ({ arguments: [...quick, '--tls-dir', path] }));
      if (one === undefined || other === undefined) throw new Error('two folders were made');
      running = await startReplicas(controlPlane(), [one, other], (end) => ends.push(end));
    });
    afterAll(async () => {
      for (const end of ends) await end();
    });

    it('are renewed', async () => {
      const drill = await begin('files renewed');
      const rounds = isFullRun ? 10 : 3;
      const before = await publications();
      for (let round = 0; round < rounds; round += 1) {
        const files = await issue();
        swapBoth(files);
        await untilServed(running.replicas, files['tls.crt']);
        await drill.load.untilWritten(drill.load.written() + 20);
      }
      const written = (await publications()) - before;
      expect(await drill.end({ remark: `${rounds} renewals, ${written} writes of webhook configurations` })).toEqual(
        nothing,
      );
      // The authority is the same, so there is nothing to publish.
      expect(written).toBe(0);
    });

    it('change their authority, which one replica sees before the other', async () => {
      const scene = openScene(controlPlane());
      const drill = await begin(`files of another authority, ${apartMs / 1000} s apart`);
      const next = await makeFiles(successor, { names });
      const [old] = await scene.trusted();
      let untrusted = 0;
      const over = new AbortController();
      const watching = (async () => {
        while (!over.signal.aborted) {
          untrusted += (await takeSample(scene, running.replicas)).untrusted;
          await delay(50);
        }
      })();
      folders[0].swap(next);
      await untilServed([running.replicas[0]], next['tls.crt']);
      const both = await scene.trusted();
      await delay(apartMs);
      folders[1].swap(next);
      await untilServed([running.replicas[1]], next['tls.crt']);
      const servedAt = performance.now();
      await eventually('the old authority to go', async () => (await scene.trusted()).length === 1, 60_000);
      const keptMs = performance.now() - servedAt;
      const [last] = await scene.trusted();
      over.abort();
      await watching;
      const remark = `both authorities trusted until ${(keptMs / 1000).toFixed(1)} s after the second replica changed`;
      expect(await drill.end({ remark })).toEqual(nothing);
      expect([both.length, untrusted]).toEqual([2, 0]);
      if (old === undefined || last === undefined) throw new Error('nobody was trusted');
      expect([isSame(old, last), readCertificates(next['ca.crt']).some((one) => isSame(one, last))]).toEqual([
        false,
        true,
      ]);
    });

    it.each<[string, () => Promise<Partial<SecretFiles>>]>([
      ['rubbish', async () => ({ 'tls.crt': 'rubbish', 'tls.key': 'rubbish', 'ca.crt': 'rubbish' })],
      ['an expired pair', () => makeFiles(authority, { names, at: Date.now() - 7_200_000 })],
      ['a pair that does not match', async () => ({ ...(await issue()), 'tls.key': (await issue())['tls.key'] })],
      [
        'a pair that their authority does not vouch for',
        async () => ({ ...(await issue()), 'ca.crt': successor.cert }),
      ],
      ['nothing any more', async () => ({})],
    ])('that hold %s leave the certificate before in force', async (fault, make) => {
      const drill = await begin(`files that hold ${fault}`);
      const before = await Promise.all(running.replicas.map(servedBy));
      const [warned, usable] = [
        count('certificate files not usable, the previous ones stay'),
        count('certificate files are usable again'),
      ];
      swapBoth(await make());
      await eventually('both to say so', () => running.replicas.every((replica) => warned(replica) > 0), 30_000);
      await drill.load.untilWritten(drill.load.written() + 40);
      const during = await Promise.all(running.replicas.map(servedBy));
      const probes = await Promise.all(running.replicas.map(({ adminUrl }) => fetch(`${adminUrl}/readyz`)));
      const notes = await Promise.all(probes.map((probe) => probe.text()));
      const good = await issue();
      const mendedAt = performance.now();
      swapBoth(good);
      await untilServed(running.replicas, good['tls.crt']);
      const recoveryMs = performance.now() - mendedAt;
      await drill.load.untilWritten(drill.load.written() + 20);
      expect(await drill.end({ recoveryMs })).toEqual(nothing);
      expect(during.map((leaf) => leaf.fingerprint256)).toEqual(before.map((leaf) => leaf.fingerprint256));
      expect(probes.map(({ status }) => status)).toEqual([200, 200]);
      for (const note of notes) expect(note).toContain('not usable since');
      expect(running.replicas.map((replica) => [warned(replica), usable(replica)])).toEqual([
        [1, 1],
        [1, 1],
      ]);
    });

    it('and never was the Secret asked for', async () => {
      const events = await controlPlane().auditEvents();
      const asked = events.filter(
        ({ user, objectRef }) => user.username === ownUser && objectRef?.resource === 'secrets',
      );
      expect(asked).toEqual([]);
      expect(events.some(({ user }) => user.username === ownUser)).toBe(true);
    });

    const begin = (name: string) =>
      startDrill(name, { controlPlane: controlPlane(), scene: openScene(controlPlane()), balancer: running.balancer });
    /** The number of writes of webhook configurations so far. */
    async function publications(): Promise<number> {
      const isOne = ({ user, verb, objectRef }: AuditEvent) =>
        user.username === ownUser && verb === 'update' && objectRef?.resource?.endsWith('webhookconfigurations');
      return (await controlPlane().auditEvents()).filter(isOne).length;
    }
    /** Counts a log message of a replica from now on. */
    function count(message: string): (replica: Replica) => number {
      const said = ({ log }: Replica) => log().filter(({ msg }) => msg === message).length;
      const before = new Map(running.replicas.map((replica) => [replica, said(replica)]));
      return (replica) => said(replica) - (before.get(replica) ?? 0);
    }
  });

  it('take over from the Secret, and the Secret from them, replica by replica', async () => {
    const scene = openScene(controlPlane());
    await scene.deleteSecret();
    const folder = mountFolder(await issue());
    onTestFinished(folder.end);
    const installation = await openInstallation(controlPlane());
    onTestFinished(() => installation.end());
    const balancer = await startBalancer();
    onTestFinished(() => balancer.close());
    /**
     * Like a Service, the balancer calls a replica when it is ready, and no longer when it drains.
     */
    async function start(given: readonly string[]): Promise<Replica> {
      // A rollout has to end before authorities of the other kind are removed: ten minutes, here
      // five.
      const patient = ['--certificate-seconds', '0.2', '--overlap-seconds', '60'];
      const replica = await installation.start({ webhookUrl: balancer.url, arguments: [...patient, ...given] });
      const isReady = async () => (await fetch(`${replica.adminUrl}/readyz`).catch(() => undefined))?.ok;
      await eventually('a replica to be ready', isReady, 60_000);
      balancer.add(replica.url);
      return replica;
    }
    async function stop(replica: Replica): Promise<void> {
      balancer.remove(replica.url);
      replica.process.signal('SIGTERM');
      await replica.process.ended;
    }

    let replicas = [await start([]), await start([])];
    await Promise.all(replicas.map((replica) => replica.untilReady()));
    const drill = await startDrill('from the Secret to files and back, replica by replica', {
      controlPlane: controlPlane(),
      scene,
      balancer,
    });
    for (const given of [['--tls-dir', folder.path], []]) {
      for (const old of replicas) {
        const fresh = await start(given);
        await drill.load.untilWritten(drill.load.written() + 20);
        await stop(old);
        replicas = [...replicas.filter((one) => one !== old), fresh];
      }
    }
    await drill.load.untilWritten(drill.load.written() + 20);
    expect(await drill.end({ remark: '4 replicas replaced' })).toEqual(nothing);
  });
});
