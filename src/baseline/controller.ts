import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { Log } from '../telemetry/log.ts';
import { baselineParts } from './desired.ts';
import { isTrue } from './drift.ts';
import { createKeyedQueue } from './keyed-queue.ts';
import { isReservedName } from './names.ts';
import { type NamespaceView, needsBaseline } from './namespace.ts';
import type { Reconcile, Reconciled } from './reconcile.ts';

/** What an informer keeps of one kind: by `name`, or `namespace/name`. */
export interface Store<T> {
  get(key: string): T | undefined;
  values(): Iterable<T>;
  /** A namespace that is created again under its old name is told as a deletion and an addition. */
  onChange(handler: (key: string, current: T | undefined, previous: T | undefined) => void): void;
}

export interface ControllerPorts {
  readonly namespaces: Store<NamespaceView>;
  /** Whole objects, of the reserved names at least; others are passed over. */
  readonly policies: Store<NetworkPolicy> & {
    /** Told after each full list: what came and went while nothing was heard is in no event. */
    onListed(handler: () => void): void;
  };
  readonly reconcile: Reconcile;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly metrics?: { reconciled(outcome: Reconciled | 'failed'): void };
}

export interface Controller {
  /**
   * Resolves at once: from then on it works, until the signal. Start it when both stores have their
   * first list.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Has a namespace reconciled soon. */
  enqueue(namespace: string): void;
  /**
   * Enqueues what the caches show to be wrong: after each list of the policies, and when the
   * configuration has changed.
   */
  sweep(): void;
  /** Namespaces that wait or are being reconciled. */
  pending(): number;
  /** Namespaces whose last reconciliation failed. */
  failing(): number;
  /** Resolves once no reconciliation runs. */
  idle(): Promise<void>;
}

/**
 * How often the caches are looked through, without any call. Events do the work: this is for what a
 * defect of ours may have missed.
 */
const sweepMs = 60_000;

export function createController(ports: ControllerPorts, config: () => Config): Controller {
  const { namespaces, policies, reconcile, log, metrics } = ports;

  const queue = createKeyedQueue({
    async run(namespace) {
      const outcome = await reconcile(namespace);
      metrics?.reconciled(outcome);
      if (outcome === 'repaired') log.info({ namespace }, 'baseline repaired');
      if (outcome === 'newer') log.info({ namespace }, 'baseline left to a newer configuration');
    },
    onFailure(namespace, error, failures, delayMs) {
      metrics?.reconciled('failed');
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ namespace, reason, failures, retryMs: Math.round(delayMs) }, 'baseline not repaired');
    },
  });

  /**
   * Whether an object of the baseline, as an event or a cache shows it, differs from what its
   * namespace, as the cache shows it, must have.
   */
  function needsRepair(namespace: NamespaceView, isJudged: (name: string) => boolean): boolean {
    const current = config();
    return baselineParts(current).some(({ name, spec }) => {
      if (!isJudged(name)) return false;
      return !isTrue(policies.get(`${namespace.name}/${name}`), spec, namespace.labels, current.taxonomy);
    });
  }

  function onNamespace(current: NamespaceView | undefined, previous: NamespaceView | undefined): void {
    if (current === undefined || !needsBaseline(current, config()) || current.terminating) return;
    // A new one is always looked at live: the policies in the cache may be those of an earlier
    // namespace of that name.
    const isSame = previous?.uid === current.uid && previous.fenced;
    if (!isSame || needsRepair(current, isReservedName)) queue.add(current.name);
  }

  function onPolicy(key: string, current: NetworkPolicy | undefined): void {
    const [name = '', policyName = ''] = key.split('/');
    if (!isReservedName(policyName)) return;
    const namespace = namespaces.get(name);
    // Not heard of yet: the namespace's own event, or the live read, decides.
    if (namespace === undefined) {
      if (current === undefined) queue.add(name);
      return;
    }
    if (!needsBaseline(namespace, config()) || namespace.terminating) return;
    if (current === undefined || needsRepair(namespace, (judged) => judged === policyName)) queue.add(name);
  }

  function sweep(): void {
    for (const namespace of namespaces.values())
      if (needsBaseline(namespace, config()) && !namespace.terminating && needsRepair(namespace, isReservedName))
        queue.add(namespace.name);
  }

  return {
    async start(signal) {
      if (signal.aborted) return;
      namespaces.onChange((_key, current, previous) => onNamespace(current, previous));
      policies.onChange(onPolicy);
      policies.onListed(sweep);
      sweep();
      const timer = setInterval(sweep, sweepMs);
      signal.addEventListener(
        'abort',
        () => {
          clearInterval(timer);
          queue.stop();
        },
        { once: true },
      );
    },
    enqueue: (namespace) => queue.add(namespace),
    sweep,
    pending: () => queue.pending(),
    failing: () => queue.failing(),
    idle: () => queue.idle(),
  };
}
