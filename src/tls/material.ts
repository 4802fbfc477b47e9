import type { Log } from '../telemetry/log.ts';

/**
 * What a TLS server and its clients need, all PEM. It was checked that the certificate and the key
 * belong together, and that the bundle trusts them.
 */
export interface Material {
  /**
   * The serving certificate, followed by the intermediate certificates up to its authority, if
   * there are any.
   */
  readonly cert: string;
  readonly key: string;
  readonly caBundle: string;
}

/** After the start it always has the current serving certificate. */
export interface Source {
  /**
   * Retries until there is a certificate to serve with, and then resolves. It continues to refresh
   * until the signal is aborted.
   */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Reads the certificates from their origin now. A failure is logged and rejects, and the served
   * certificate stays as it was.
   */
  refresh(): Promise<void>;
  /** The material to serve with. Throws before the first certificate is available. */
  current(): Material;
  /**
   * The authorities (PEM) that a webhook configuration must carry: our own, and for a while those
   * of others that it has now.
   *
   * @param place which configuration, by any name
   * @param live what its entries carry now, PEM each
   */
  bundleFor(place: string, live: readonly string[]): string;
  /** Calls the listener whenever the result of {@link current} changes. */
  onChange(listener: (material: Material) => void): void;
  /**
   * When the serving certificate and the authority that signed it expire, and from when either
   * counts as expired (milliseconds since 1970). Undefined before the first certificate.
   */
  expiresAt(): { readonly certificate: number; readonly authority: number; readonly lastCall: number } | undefined;
  /**
   * Why the next certificate cannot be obtained, in one sentence. Undefined if there is no problem.
   */
  problem(): string | undefined;
}

/** The functions that are called with new material. */
export interface Listeners {
  add(listener: (material: Material) => void): void;
  tell(material: Material): void;
}

/** If one listener throws, the others are still called. */
export function createListeners(log: Pick<Log, 'info' | 'warn'>): Listeners {
  const listeners: ((material: Material) => void)[] = [];
  return {
    add: (listener) => void listeners.push(listener),
    tell(material) {
      for (const listener of listeners) {
        try {
          listener(material);
        } catch (error) {
          log.warn({ reason: reasonOf(error) }, 'a listener to new certificates failed');
        }
      }
    },
  };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'not an error';
}
