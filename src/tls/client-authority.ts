import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '../retry/clock.ts';
import { repeat } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import { isValidAt, readCertificates, writeCertificates } from './certificate.ts';

/**
 * The authorities whose clients may post reviews. They come from a file, which is replaced when
 * they change.
 */
export interface ClientAuthority {
  /** PEM. Undefined if anyone may post. */
  current(): string | undefined;
  /**
   * Reads the file repeatedly until the signal is aborted, and calls the listener when the content
   * has changed.
   */
  follow(signal: AbortSignal, onChange: () => void): Promise<void>;
}

/**
 * Opens the file: certificates in PEM, and several of them during a change. Throws if it cannot be
 * used. If its later content cannot be used, the previous content stays in effect, so that a
 * half-written file neither admits nor excludes anyone. Without a file anyone may post.
 */
export function openClientAuthority(
  file: string | undefined,
  {
    log,
    intervalMs,
    clock = systemClock,
  }: { readonly log: Pick<Log, 'info' | 'warn'>; readonly intervalMs: number; readonly clock?: Clock },
): ClientAuthority {
  if (file === undefined) return { current: () => undefined, follow: async () => undefined };
  let current = read(file, clock.now());
  let complaint = '';

  function look(path: string): boolean {
    try {
      const found = read(path, clock.now());
      complaint = '';
      if (found === current) return false;
      current = found;
      log.info(
        { file, authorities: readCertificates(found).map(({ subject }) => subject) },
        'client authority changed',
      );
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== complaint)
        log.warn({ file: path, reason }, 'client authority cannot be read; the previous one stays');
      complaint = reason;
      return false;
    }
  }

  return {
    current: () => current,
    // The file is read and compared. A mounted Secret is replaced by a link to another folder,
    // which watching a file does not notice.
    follow: (signal, onChange) =>
      repeat(
        async () => {
          if (look(file)) onChange();
        },
        { everyMs: intervalMs, signal, clock },
      ),
  };
}

function read(file: string, at: number): string {
  const authorities = readCertificates(readFileSync(file, 'utf8')).filter(({ ca }) => ca);
  const valid = authorities.filter((authority) => isValidAt(authority, at));
  if (authorities.length === 0) throw new Error(`${file} holds no certificate of an authority (PEM, CA:TRUE)`);
  if (valid.length === 0) throw new Error(`${file} holds no certificate of an authority that is valid now`);
  return writeCertificates(authorities);
}
