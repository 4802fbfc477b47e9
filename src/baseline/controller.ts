import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { Log } from '../telemetry/log.ts';
import { isInForce, partsFor, withdrawnParts } from './desired.ts';
import { isLeftOver, isTrue } from './drift.ts';
import { createKeyedQueue } from './keyed-queue.ts';
import { isReservedName, reservedNames } from './names.ts';
import { type NamespaceView, needsBaseline } from './namespace.ts';
import type { ServerTime } from './ports.ts';
import type { Reconcile, Reconciled } from './reconcile.ts';
import { asOf, isStanding } from './trial.ts';

/** The cached objects of one kind, by `name` or `namespace/name`. */
export interface Store<T> {
  get(key: string): T | undefined;
  values(): Iterable<T>;
  /** An object that is created again under its old name is reported as deleted and then added. */
  onChange(handler: (key: string, current: T | undefined, previous: T | undefined) => void): void;
}

export interface ControllerPorts {
  readonly namespaces: Store<NamespaceView>;
  /** Whole objects. It must contain those with a reserved name; others are ignored. */
  readonly policies: Store<NetworkPolicy> & {
    /** Calls the handler after each full list, because events may have been missed before it. */
    onListed(handler: () => void): void;
  };
  readonly reconcile: Reconcile;
  readonly now: ServerTime;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly metrics?: { reconciled(outcome: Reconciled | 'failed'): void };
}

export interface Controller {
  /**
   * Starts the work, which goes on until aborted, and resolves at once. Call it when both stores
   * have their first list.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Asks for a reconciliation of a namespace. */
  enqueue(namespace: string): void;
  /**
   * Enqueues every namespace whose baseline is not correct in the caches. Call it when the
   * configuration has changed.
   */
  sweep(): void;
  /** The number of namespaces that wait for a reconciliation or are being reconciled. */
  pending(): number;
  /** The number of namespaces whose last reconciliation failed. */
  failing(): number;
  /** Resolves when no reconciliation runs. */
  idle(): Promise<void>;
}

/**
 * The interval at which the caches are checked, without any call. Events start the reconciliations;
 * this check finds what a defect of Ringfence may have missed.
 */
const sweepMs = 60_000;

export function createController(ports: ControllerPorts, config: () => Config): Controller {
  const { namespaces, policies, reconcile, now, log, metrics } = ports;
  const ends = new Map<string, NodeJS.Timeout>();

  const queue = createKeyedQueue({
    async run(namespace) {
      const outcome = await reconcile(namespace);
      metrics?.reconciled(outcome);
      if (outcome === 'repaired') log.info({ namespace }, 'baseline repaired');
      if (outcome === 'opened') log.warn({ namespace }, 'trial not confirmed, baseline opened');
      if (outcome === 'newer') log.info({ namespace }, 'baseline left to a newer configuration');
    },
    onFailure(namespace, error, failures, delayMs) {
      metrics?.reconciled('failed');
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ namespace, reason, failures, retryMs: Math.round(delayMs) }, 'baseline not repaired');
    },
  });

  /**
   * Whether an object of the baseline with a name that `isJudged` selects is not correct in the
   * cache, by the labels that the namespace has in the cache, or still allows what the
   * configuration no longer does.
   */
  function needsRepair(namespace: NamespaceView, isJudged: (name: string) => boolean): boolean {
    const current = config();
    const find = (name: string) => policies.get(`${namespace.name}/${name}`);
    return (
      partsFor(namespace.labels, current).some(
        (part) => isJudged(part.name) && !isTrue(find(part.name), part, namespace, current.taxonomy),
      ) ||
      withdrawnParts(namespace.labels, current).some(({ name, spec }) => isJudged(name) && isLeftOver(find(name), spec))
    );
  }

  /** Whether the wall of a namespace whose trial is over still stands in the cache. */
  function needsOpening({ name, isTrialOver }: NamespaceView): boolean {
    return isTrialOver === true && reservedNames.some((policy) => isStanding(policies.get(`${name}/${policy}`)));
  }

  /** Reconciles a namespace at the end of its trial, if that is before the next sweep. */
  function watchTrial({ name, fenced, trialUntil }: NamespaceView): void {
    clearTimeout(ends.get(name));
    ends.delete(name);
    if (!fenced || trialUntil === undefined) return;
    const leftMs = Date.parse(trialUntil) - now();
    if (leftMs > sweepMs) return;
    const end = (): void => {
      ends.delete(name);
      queue.add(name);
    };
    ends.set(name, setTimeout(end, leftMs));
  }

  function onNamespace(cached: NamespaceView | undefined, previous: NamespaceView | undefined): void {
    if (cached === undefined) return;
    const current = asOf(cached, now());
    watchTrial(current);
    if (needsOpening(current)) queue.add(current.name);
    if (!needsBaseline(current, config()) || current.terminating) return;
    // A new namespace is always read live, because the cached policies may belong to an earlier
    // namespace with that name.
    const isSame = previous?.uid === current.uid && previous.fenced;
    if (!isSame || needsRepair(current, isReservedName)) queue.add(current.name);
  }

  function onPolicy(key: string, current: NetworkPolicy | undefined): void {
    const [name = '', policyName = ''] = key.split('/');
    if (!isReservedName(policyName)) return;
    const cached = namespaces.get(name);
    // The namespace is not in the cache yet. Its own event, or the live read, decides.
    if (cached === undefined) {
      if (current === undefined) queue.add(name);
      return;
    }
    const namespace = asOf(cached, now());
    if (needsOpening(namespace)) queue.add(name);
    if (!needsBaseline(namespace, config()) || namespace.terminating) return;
    const isGone = current === undefined && isInForce(policyName, config());
    if (isGone || needsRepair(namespace, (judged) => judged === policyName)) queue.add(name);
  }

  function sweep(): void {
    for (const cached of namespaces.values()) {
      const namespace = asOf(cached, now());
      watchTrial(namespace);
      if (needsOpening(namespace)) queue.add(namespace.name);
      if (needsBaseline(namespace, config()) && !namespace.terminating && needsRepair(namespace, isReservedName))
        queue.add(namespace.name);
    }
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
          for (const end of ends.values()) clearTimeout(end);
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
