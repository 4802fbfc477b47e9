import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '../retry/clock.ts';
import { repeat } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import { isValidAt, readCertificates, writeCertificates } from './certificate.ts';

/**
 * The authorities whose clients may post reviews, from a file that is replaced when they change.
 */
export interface ClientAuthority {
  /** PEM; undefined where anyone may. */
  current(): string | undefined;
  /**
   * Reads the file again and again until the signal is aborted, and calls the listener when it says
   * something else.
   */
  follow(signal: AbortSignal, onChange: () => void): Promise<void>;
}

/**
 * Opens the file: certificates in PEM, several during a change. Throws where it cannot be used.
 * Later it is kept as it was for as long as what the file holds cannot be used: nobody is let in,
 * and nobody shut out, by a file that is half written. Without a file anyone may.
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
    // Read and compared: a mounted Secret is replaced by a link to another folder, which watching a
    // file does not see.
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
