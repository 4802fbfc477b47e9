import type { Log } from '../telemetry/log.ts';
import type { WebhookKind } from './webhook-configuration.ts';

/** What others do to the webhook configurations. Each thing is logged once, until it is over. */
export interface Rivals {
  /** Whether a configuration is left to another replica. */
  leave(kind: WebhookKind, isLeftAlone: boolean): void;
  /** Which requirements of others exclude namespaces from the webhooks; empty if there are none. */
  require(kind: WebhookKind, keys: string): void;
  /** Something else writes these fields too. */
  dispute(kind: WebhookKind, fields: readonly string[]): void;
  /** The dispute about a configuration is over. */
  settle(kind: WebhookKind): void;
  /** The fields in dispute. */
  disputed(): readonly string[];
}

export function createRivals(log: Pick<Log, 'info' | 'warn'>): Rivals {
  const leftAlone = new Set<WebhookKind>();
  const disputed = new Map<WebhookKind, readonly string[]>();
  const foreign = new Map<WebhookKind, string>();
  return {
    leave(kind, isLeftAlone) {
      if (isLeftAlone && !leftAlone.has(kind))
        log.info({ kind }, 'webhooks of a newer configuration or another release are left alone');
      if (isLeftAlone) leftAlone.add(kind);
      else leftAlone.delete(kind);
    },
    require(kind, keys) {
      if (keys !== '' && foreign.get(kind) !== keys) log.warn({ kind, keys }, 'webhooks carry requirements of others');
      foreign.set(kind, keys);
    },
    dispute(kind, fields) {
      if (!disputed.has(kind)) log.warn({ kind, differences: fields }, 'webhooks are changed by something else');
      disputed.set(kind, fields);
    },
    settle: (kind) => void disputed.delete(kind),
    disputed: () => [...disputed.values()].flat(),
  };
}
