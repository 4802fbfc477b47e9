// What may become of the Secret, and how it is good again; and two who always write it at the same
// instant.
import { setTimeout as pause } from 'node:timers/promises';
import { isSame } from '../../src/tls/certificate.ts';
import { readHolding } from '../../src/tls/holding.ts';
import { eventually, type Replica } from '../e2e/installation.ts';
import { makeAuthority, makeFiles } from '../tls/certificate-folder.ts';
import { type CertificateScene, isVouchedFor, servedBy } from './certificate-scene.ts';

const names = { dnsNames: ['ringfence.ringfence-system.svc'], ipAddresses: ['127.0.0.1'] };

/**
 * Waits until the Secret is whole, its change of authority over, and both replicas serve what it
 * holds, and are trusted.
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

/** As somebody would put it there by mistake: of another authority, and out of date. */
export async function expiredPair(): Promise<Readonly<Record<string, string>>> {
  const at = Date.now() - 2 * 3_600_000;
  return makeFiles(await makeAuthority(), { names, at, lifetimeMs: 3_600_000 });
}

/** The key of another certificate, and everything else as it was. */
export async function mismatchedPair(scene: CertificateScene): Promise<Readonly<Record<string, string>>> {
  const other = await makeFiles(await makeAuthority(), { names });
  return { ...(await scene.readSecret())?.data, 'tls.key': other['tls.key'] };
}

/** In twos: who comes first waits for the second, for so long at most. */
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
