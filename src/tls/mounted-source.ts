import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../retry/clock.ts';
import { repeat, retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import { isSame, lastCallOf, type Names } from './certificate.ts';
import { createListeners, type Source } from './material.ts';
import { type CertificateFiles, isUsable, type Mounted, readMounted } from './mounted.ts';
import { createTrust, settleMs } from './trust.ts';

export interface MountedSourceOptions {
  /** The folder of `tls.crt`, `tls.key` and `ca.crt`. */
  readonly folder: string;
  /** The names that the API server uses. The certificate must cover all of them. */
  readonly names: Names;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** How long the authorities of others stay in the webhook configurations, in milliseconds. */
  readonly keepMs: number;
  /** How often the files are read, in milliseconds, ±10 %. */
  readonly refreshMs?: number;
  /**
   * Whether a bundle is known to be in the webhook configurations. A certificate of another
   * authority is not served before that.
   */
  readonly isPublished: (caBundle: string) => boolean;
  readonly clock?: Clock;
}

/**
 * Keeps the serving certificate in files that someone else renews. It writes nothing. If the files
 * cannot be used, the served certificate stays as it was. The problem is reported only when two
 * reads in a row have found it, because files that are written one after the other may not match
 * for a moment.
 *
 * Replicas see new files at different moments. Each one asks that the authorities of its new
 * certificate are published beside the old ones. It serves with the new certificate when they are
 * published, or when the old certificate is about to expire.
 */
export function createMountedSource(options: MountedSourceOptions): Source {
  const { folder, names, log, keepMs, isPublished, clock = systemClock, refreshMs = 5000 } = options;
  const listeners = createListeners(log);
  const trust = createTrust({ keepMs, clock });
  let serving: Mounted | undefined;
  /**
   * What the files hold and is not served yet, and since when its authorities are known to be
   * published.
   */
  let next: { readonly mounted: Mounted; publishedSince: number | undefined } | undefined;
  let refreshing: Promise<void> | undefined;
  let suspicion = '';
  let complaint: { readonly reason: string; readonly since: Date } | undefined;

  async function look(): Promise<void> {
    const at = clock.now();
    const files = await readFolder(folder);
    const read = 'problems' in files ? files : readMounted(files, { at, names });
    if (!isUsable(read)) {
      next = undefined;
      complain(read.problems.join('; '));
    }
    if (complaint !== undefined) log.info({ folder }, 'certificate files are usable again');
    suspicion = '';
    complaint = undefined;
    consider(read, at);
  }

  function complain(reason: string): never {
    if (reason === suspicion && reason !== complaint?.reason) {
      log.warn(
        { folder, reason },
        serving === undefined ? 'certificate files not usable' : 'certificate files not usable, the previous ones stay',
      );
      complaint = { reason, since: complaint?.since ?? new Date(clock.now()) };
    }
    suspicion = reason;
    throw new Error(reason);
  }

  /** Serves with what was read, either now or as soon as that is allowed. */
  function consider(read: Mounted, at: number): void {
    if (serving === undefined || isAlike(read, serving)) {
      adopt(read);
      return;
    }
    const { bundle } = serving;
    const isTrusted = read.bundle.every((one) => bundle.some((other) => isSame(one, other)));
    if (isTrusted || at >= lastCall(serving)) {
      adopt(read);
      return;
    }
    if (next === undefined || !isAlike(read, next.mounted)) {
      next = { mounted: read, publishedSince: undefined };
      log.info({ folder, ...factsOf(read) }, 'new certificate files wait for their authorities to be published');
    }
    if (!isPublished(read.material.caBundle)) next.publishedSince = undefined;
    else next.publishedSince ??= clock.uptime();
    const since = next.publishedSince;
    if (since !== undefined && clock.uptime() - since >= settleMs) adopt(read);
  }

  function adopt(read: Mounted): void {
    next = undefined;
    const isChange = serving === undefined || !isAlike(read, serving);
    serving = read;
    if (!isChange) return;
    log.info({ folder, ...factsOf(read) }, 'certificate files taken');
    listeners.tell(read.material);
  }

  const refresh = (): Promise<void> => {
    refreshing ??= look().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };

  /**
   * A certificate that is being served is kept, whatever the files hold now. Only a missing
   * certificate is a failure.
   */
  async function begin(): Promise<void> {
    try {
      await refresh();
    } catch (error) {
      if (serving === undefined) throw error;
    }
  }

  return {
    refresh,
    async start(signal) {
      const waitMs = Math.min(firstRetryMs, refreshMs);
      await retry(begin, { firstMs: waitMs, longestMs: waitMs, signal, clock });
      void repeat(refresh, { everyMs: refreshMs, signal, clock });
    },
    current() {
      if (serving === undefined) throw new Error('there is no serving certificate yet');
      return serving.material;
    },
    bundleFor: (place, live) =>
      trust.bundleFor([...(serving?.bundle ?? []), ...(next?.mounted.bundle ?? [])], place, live),
    onChange: listeners.add,
    expiresAt() {
      if (serving === undefined) return undefined;
      return {
        certificate: serving.certificate.validToDate.getTime(),
        authority: Math.min(...serving.vouchers.map(({ validToDate }) => validToDate.getTime())),
        lastCall: lastCall(serving),
      };
    },
    problem() {
      if (complaint === undefined) return undefined;
      const { reason, since } = complaint;
      return `certificate files in ${folder} not usable since ${since.toISOString()}: ${reason}`;
    },
  };
}

// Waiting for files that do not exist yet costs nothing.
const firstRetryMs = 250;

function lastCall({ certificate, vouchers }: Mounted): number {
  return Math.min(...[certificate, ...vouchers].map(lastCallOf));
}

function isAlike({ material: one }: Mounted, { material: other }: Mounted): boolean {
  return one.cert === other.cert && one.key === other.key && one.caBundle === other.caBundle;
}

function factsOf({ certificate, bundle }: Mounted): object {
  return { expires: certificate.validToDate.toISOString(), authorities: bundle.map(({ subject }) => subject) };
}

interface Unreadable {
  readonly problems: readonly string[];
}

/**
 * Reads the three files of a folder as they were at one moment. The kubelet keeps each version of a
 * mounted Secret in its own folder, and switches versions by one link, `..data`. So the link is
 * resolved once, and all three files are read from its target. A folder without that link is read
 * directly.
 */
async function readFolder(folder: string): Promise<CertificateFiles | Unreadable> {
  const read = await readVersion(folder);
  // The kubelet removes the old version as soon as the next one is in place, so a failed read is
  // tried once more.
  return 'problems' in read ? readVersion(folder) : read;
}

async function readVersion(folder: string): Promise<CertificateFiles | Unreadable> {
  const version = await realpath(join(folder, '..data')).catch(() => folder);
  const [cert, key, authorities] = await Promise.all([
    readText(version, 'tls.crt'),
    readText(version, 'tls.key'),
    readText(version, 'ca.crt'),
  ]);
  const problems = [cert, key, authorities].flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) return { problems: [...problems, 'tls.crt, tls.key and ca.crt are needed'] };
  return { 'tls.crt': cert.text, 'tls.key': key.text, 'ca.crt': authorities.text };
}

async function readText(folder: string, name: string): Promise<{ readonly text: string; readonly problem?: string }> {
  try {
    return { text: await readFile(join(folder, name), 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
    return { text: '', problem: `${name} cannot be read (${code})` };
  }
}
