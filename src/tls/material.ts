import type { Log } from '../telemetry/log.ts';

/**
 * What a TLS server and its clients need, all PEM. The certificate and key belong together, and the
 * bundle trusts them: it was checked.
 */
export interface Material {
  /**
   * The serving certificate, followed by those between it and its authority where there are any.
   */
  readonly cert: string;
  readonly key: string;
  readonly caBundle: string;
}

/** Always has the current serving certificate, once started. */
export interface Source {
  /**
   * Resolves once there is a certificate to serve with, trying until then; goes on refreshing until
   * the signal is aborted.
   */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Looks now at where the certificates come from. A failure leaves what is served as it was, is
   * logged, and rejects.
   */
  refresh(): Promise<void>;
  /** What to serve with. Throws before the first certificate is there. */
  current(): Material;
  /**
   * The authorities (PEM) that a webhook configuration shall carry: ours, and for a while those of
   * others that are there.
   * @param place which configuration, by any name
   * @param live what its entries carry now, PEM each
   */
  bundleFor(place: string, live: readonly string[]): string;
  /** Calls the listener at every change of what {@link current} gives. */
  onChange(listener: (material: Material) => void): void;
  /**
   * When the serving certificate and the authority that signed it expire, and from when either is
   * as good as expired (milliseconds since 1970); undefined before the first.
   */
  expiresAt(): { readonly certificate: number; readonly authority: number; readonly lastCall: number } | undefined;
  /**
   * Why the next certificate cannot be had, in a sentence; undefined where nothing is in its way.
   */
  problem(): string | undefined;
}

/** Who hears of new material. */
export interface Listeners {
  add(listener: (material: Material) => void): void;
  tell(material: Material): void;
}

/** One that throws keeps nobody from hearing. */
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
