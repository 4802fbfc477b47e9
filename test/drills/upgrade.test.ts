// A rolling upgrade from the previous release and back, while everybody writes.
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { reachEntryName } from '../../src/admission/reach.ts';
import type { AuditEvent } from '../control-plane/audit-log.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyManifests, eventually, type Replica } from '../e2e/installation.ts';
import { failedCalls, kindOf, ownUser } from '../e2e/traffic.ts';
import { checkOut, isInHistory, previousRelease } from './previous-release.ts';
import { record } from './record.ts';
import { setScene } from './scene.ts';

const registration = '/apis/admissionregistration.k8s.io/v1';
const mutatingPath = `${registration}/mutatingwebhookconfigurations/ringfence`;
const validatingPath = `${registration}/validatingwebhookconfigurations/ringfence`;
const releaseAnnotation = 'ringfence.dev/release';
/** The time in which both releases run, so that a dispute would be seen. */
const mixedMs = 3_000;
/** Longer than draining takes here. */
const drainedMs = 8_000;
/**
 * The most writes of both configurations in one direction that the API server accepted: each once
 * for the version of the ConfigMap, once by the release that takes over, and once more when reach
 * is proved. The proof on the way there may come only when the way back has begun.
 */
const mostWrites = 6;
const options = { disableAdmissionPlugins: ['ServiceAccount'], auditLog: true };

const isThere = await isInHistory(previousRelease);
if (!isThere) process.stderr.write(`\nno drill of an upgrade: this clone does not hold ${previousRelease}.\n\n`);

describe.skipIf(!isThere)('a rolling upgrade from the release before', () => {
  describeWithControlPlane('on a control plane of its own', options, (controlPlane) => {
    let before = '';
    beforeAll(async () => {
      before = await checkOut(previousRelease);
    }, 300_000);

    it('is felt by nobody, nor is the way back, and neither release rewrites the other', {
      timeout: 300_000,
    }, async () => {
      const scene = await setScene(controlPlane(), { sources: before });
      const old = { sources: before };
      let replicas: readonly Replica[] = [await scene.join(old), await scene.join(old)];
      const traffic = await scene.traffic({ prefix: 'upgrade', everyMs: 100 });

      /**
       * Replaces every replica, with the new one first, and returns the writes of the
       * configurations in that time.
       */
      async function roll(to: { readonly sources?: string }): Promise<readonly string[]> {
        const seen = (await controlPlane().auditEvents()).length;
        await applyManifests(controlPlane(), 'enforce', to.sources);
        const next: Replica[] = [];
        for (const [index, leaving] of replicas.entries()) {
          next.push(await scene.join(to));
          if (index === 0) await delay(mixedMs);
          // The previous release waits for a connection that the API server opened and never used.
          // It has drained long before.
          expect(await Promise.race([scene.retire(leaving), delay(drainedMs, 0)])).toBe(0);
        }
        replicas = next;
        await delay(mixedMs);
        return writesOfConfigurations((await controlPlane().auditEvents()).slice(seen));
      }

      const read = async (path = validatingPath) => (await scene.cluster.request('GET', path)) as Written;
      const policies = new Set<string | undefined>();
      const versions: Record<string, string[]> = { [mutatingPath]: [], [validatingPath]: [] };
      const looking = new AbortController();
      const looks = (async () => {
        while (!looking.signal.aborted) {
          for (const [path, seen] of Object.entries(versions)) {
            const found = await read(path);
            for (const { name, failurePolicy } of found.webhooks)
              if (path === validatingPath && name === 'pods.ringfence.dev') policies.add(failurePolicy);
            const version = entriesOf(found);
            if (seen.at(-1) !== version) seen.push(version);
          }
          await delay(50);
        }
      })();
      const first = entriesOf(await read());
      const up = await roll({});
      const upgraded = await eventually('the entries of this release', async () => {
        const now = await read();
        return now.metadata.annotations[releaseAnnotation] !== undefined && entriesOf(now);
      });
      const back = await roll(old);
      await eventually('the entries of the release before', async () => entriesOf(await read()) === first);

      looking.abort();
      await looks;
      await traffic.stop();
      const wrongs = await scene.wrongs(traffic);
      const failed = traffic.failures();
      record({
        part: 'stopping and starting',
        drill: 'a rolling upgrade from the release before, and back',
        writes: traffic.written(),
        failed: failed.length,
        wrong: wrongs.length,
        remark: `${up.length} writes of the configurations on the way there, ${back.length} on the way back`,
      });
      expect({ failed, wrongs }).toEqual({ failed: [], wrongs: [] });
      // While both releases run, the entry for the proof of reach is stored, and the release before
      // answers 404 at its path. Only Ringfence's own dry run calls it, which it repeats.
      const isUnknownProof = (line: string): boolean =>
        line.includes(`name="${reachEntryName}"`) && line.includes('rejection_code="404"');
      expect((await failedCalls(controlPlane())).filter((line) => !isUnknownProof(line))).toEqual([]);
      expect(upgraded).not.toBe(first);
      // At no moment did an entry fail open.
      expect([...policies]).toEqual(['Fail']);
      // A release that undid the other's work would be seen in between.
      for (const [path, [old, next, ...rest]] of Object.entries(versions)) {
        expect(next, path).not.toBe(old);
        expect(rest, path).toEqual([old]);
      }
      for (const writes of [up, back]) expect(writes.length).toBeGreaterThan(0);
      expect(up.length + back.length, [...up, ...back].join('\n')).toBeLessThanOrEqual(2 * mostWrites);
    });
  });
});

/**
 * Returns the accepted writes of webhook configurations by Ringfence, in the form
 * `verb resource time`. A conflict is not one: another replica wrote first, and it is read again.
 */
function writesOfConfigurations(events: readonly AuditEvent[]): readonly string[] {
  return events
    .filter(({ user, verb }) => user.username === ownUser && ['create', 'update', 'patch'].includes(verb))
    .filter(({ objectRef }) => objectRef?.apiGroup === 'admissionregistration.k8s.io')
    .filter(({ responseStatus }) => (responseStatus?.code ?? 0) < 300)
    .map((event) => `${kindOf(event)} ${event.requestReceivedTimestamp}`);
}

interface Written {
  readonly metadata: { readonly annotations: Readonly<Partial<Record<string, string>>> };
  readonly webhooks: readonly {
    readonly name: string;
    readonly failurePolicy: string;
    readonly matchConditions?: unknown;
  }[];
}

/** Returns the part of a configuration that differs between the two releases alone. */
function entriesOf({ webhooks }: Written): string {
  return JSON.stringify(webhooks.map(({ name, matchConditions }) => ({ name, matchConditions })));
}
