import type { OwnerReference } from '../kubernetes/object-meta.ts';
import type { Clock } from '../retry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Precedence } from './precedence.ts';
import type { WebhookConfiguration, WebhookKind } from './webhook-configuration.ts';

/**
 * Reads and writes the webhook configurations of the cluster, in their wire form. Errors carry the
 * HTTP status as `code`.
 */
export interface WebhookConfigurationStore {
  /** Reads a configuration live; undefined if it does not exist. */
  get(kind: WebhookKind, name: string): Promise<unknown>;
  create(kind: WebhookKind, configuration: WebhookConfiguration): Promise<unknown>;
  replace(kind: WebhookKind, configuration: WebhookConfiguration): Promise<unknown>;
}

/** The source of the authorities that the API server must trust. */
export interface BundleSource {
  /**
   * Returns the authorities (PEM) that a configuration must carry: those of this process, and those
   * of other replicas as long as they are needed.
   * @param live the authorities that each entry carries now (PEM)
   */
  bundleFor(kind: WebhookKind, live: readonly string[]): string;
  refresh(): Promise<void>;
}

export interface KeeperOptions {
  readonly configurations: WebhookConfigurationStore;
  /** Returns the desired configurations without caBundle and owner. Each check calls it. */
  readonly desired: () => {
    readonly mutating: WebhookConfiguration;
    readonly validating: WebhookConfiguration;
    /** The configuration that is written first. The other follows when API servers know it. */
    readonly first: WebhookKind;
  };
  readonly source: BundleSource;
  /**
   * Reads the object with which the configurations are deleted; undefined for configurations
   * without an owner. Rejects if it is gone.
   */
  readonly owner: () => Promise<OwnerReference | undefined>;
  /** The annotation that orders the desired configurations of replicas. */
  readonly versionAnnotation: string;
  /**
   * Reads the version of Ringfence's configuration in the cluster live. With it, a newer replica's
   * work can be told from a forged annotation.
   */
  readonly liveVersion?: () => Promise<string>;
  /**
   * The proof that the API server reaches the address. Entries fail open until this process has a
   * proof or the live configuration records one. Without this option, entries are as desired.
   */
  readonly reach?: { readonly address: string; readonly isProved: () => boolean };
  /** The version of this release, which both configurations carry in an annotation. */
  readonly release?: string;
  /** Orders replicas of different releases. Without it, this release corrects every difference. */
  readonly precedence?: Precedence;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Milliseconds between two checks, ±10 %. */
  readonly intervalMs?: number;
  readonly clock?: Pick<Clock, 'uptime' | 'sleep'>;
}
