import type { OwnerReference } from '../kubernetes/object-meta.ts';
import type { Clock } from '../retry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Precedence } from './precedence.ts';
import type { WebhookConfiguration, WebhookKind } from './webhook-configuration.ts';

/**
 * The webhook configurations of the cluster, in their wire form. Errors carry the HTTP status as
 * `code`.
 */
export interface WebhookConfigurationStore {
  /** Always live; undefined where there is none. */
  get(kind: WebhookKind, name: string): Promise<unknown>;
  create(kind: WebhookKind, configuration: WebhookConfiguration): Promise<unknown>;
  replace(kind: WebhookKind, configuration: WebhookConfiguration): Promise<unknown>;
}

/** Where the authorities come from that the API server shall trust. */
export interface BundleSource {
  /**
   * The authorities (PEM) that a configuration shall carry, by what its entries carry now (PEM
   * each): ours, and others for as long as need be.
   */
  bundleFor(kind: WebhookKind, live: readonly string[]): string;
  refresh(): Promise<void>;
}

export interface KeeperOptions {
  readonly configurations: WebhookConfigurationStore;
  /** Without caBundle and owner; asked anew at each check. */
  readonly desired: () => {
    readonly mutating: WebhookConfiguration;
    readonly validating: WebhookConfiguration;
    /** Which is written first; the other follows when API servers know it. */
    readonly first: WebhookKind;
  };
  readonly source: BundleSource;
  /**
   * The Namespace that the configurations are deleted with; undefined where Ringfence runs outside
   * the cluster.
   */
  readonly namespaceOwner: OwnerReference | undefined;
  /** The annotation of the desired configurations that orders them among replicas. */
  readonly versionAnnotation: string;
  /**
   * The version of our configuration that is in the cluster now, read live. It tells a newer
   * replica's work from a forged annotation.
   */
  readonly liveVersion?: () => Promise<string>;
  /**
   * The proof that the API server reaches the address. Until there is one, by this process or by
   * the live configuration, entries fail open. Without this, they are as desired.
   */
  readonly reach?: { readonly address: string; readonly isProved: () => boolean };
  /** The version of this release, which an annotation of both configurations tells. */
  readonly release?: string;
  /** Orders replicas of different releases. Without it, this release writes whatever differs. */
  readonly precedence?: Precedence;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Milliseconds between two checks, ±10 %. */
  readonly intervalMs?: number;
  readonly clock?: Pick<Clock, 'uptime' | 'sleep'>;
}
