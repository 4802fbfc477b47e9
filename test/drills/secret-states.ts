// Possible states of the Secret and their repair, and two writers that always write at the same
// time.
import { setTimeout as pause } from 'node:timers/promises';
import { isSame } from '../../src/tls/certificate.ts';
import { readHolding } from '../../src/tls/holding.ts';
import { eventually, type Replica } from '../e2e/installation.ts';
import { makeAuthority, makeFiles } from '../tls/certificate-folder.ts';
import { isVouchedFor, servedBy } from './certificate-sample.ts';
import type { CertificateScene } from './certificate-scene.ts';

const names = { dnsNames: ['ringfence.ringfence-system.svc'], ipAddresses: ['127.0.0.1'] };

/**
 * Waits until the Secret is complete, its change of authority has ended, and both replicas serve
 * its certificate and are trusted.
 */
export async function untilGood(
  scene: CertificateScene,
  replicas: readonly Replica[],
  isNew: (fingerprint: string) => boolean,
): Promise<void> {
  await eventually(
    'the Secret to be good again',
    async () => {
      const { leaf, problems, bundle } = readHolding((await scene.readSecret())?.data ?? {}, Date.now());
      if (leaf === undefined || problems.length > 0 || bundle.length !== 1 || !isNew(leaf.certificate.fingerprint256))
        return false;
      const served = await Promise.all(replicas.map(servedBy));
      const isServed = served.every((one) => isSame(one, leaf.certificate));
      return isServed && isVouchedFor(leaf.certificate, await scene.trusted());
    },
    60_000,
  );
}

/** A pair that somebody stored by mistake: of another authority and expired. */
export async function expiredPair(): Promise<Readonly<Record<string, string>>> {
  const at = Date.now() - 2 * 3_600_000;
  return makeFiles(await makeAuthority(), { names, at, lifetimeMs: 3_600_000 });
}

/** The Secret with the key of another certificate. */
export async function mismatchedPair(scene: CertificateScene): Promise<Readonly<Record<string, string>>> {
  const other = await makeFiles(await makeAuthority(), { names });
  return { ...(await scene.readSecret())?.data, 'tls.key': other['tls.key'] };
}

/** Lets callers continue in pairs. The first one waits for the second, at most this long. */
export function meetAgain(patienceMs: number): () => Promise<void> {
  let waiting: (() => void) | undefined;
  return async () => {
    if (waiting !== undefined) {
      waiting();
      waiting = undefined;
      return;
    }
    const other = Promise.withResolvers<void>();
    waiting = other.resolve;
    await Promise.race([other.promise, pause(patienceMs)]);
    if (waiting === other.resolve) waiting = undefined;
  };
}
