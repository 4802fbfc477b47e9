import { recordOf } from '../kubernetes/raw-object.ts';
import { apiCode } from '../retry/answer.ts';
import { systemClock } from '../retry/clock.ts';
import { repeat, retry } from '../retry/retry.ts';
import { createAllowance } from './allowance.ts';
import { differencesOf } from './difference.ts';
import { foreignKeys } from './foreign-requirements.ts';
import { type NextWrite, nextWrite } from './next-write.ts';
import type { KeeperOptions } from './ports.ts';
import { releaseAnnotation } from './release.ts';
import {
  annotationOf,
  bundlesOf,
  byReach,
  carriesBundle,
  closedBeforeProofs,
  completeConfiguration,
  isReachedAt,
  replacementOf,
  type WebhookConfiguration,
  type WebhookKind,
  withAnnotations,
} from './webhook-configuration.ts';

/** Makes the two webhook configurations and keeps them correct. */
export interface Keeper {
  /**
   * Call it when the webhooks are served. Resolves when both configurations are in place, and
   * continues to check them until aborted.
   */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Checks both configurations once. Resolves to whether both are in place. Rejects if the API
   * server refuses a call or does not answer.
   */
  check(): Promise<boolean>;
  /** Whether both configurations were correct at the last check; false if that check failed. */
  areKept(): boolean;
  /**
   * Whether entries failed open at the last check, because nothing has proved yet that the API
   * server reaches them.
   */
  failsOpen(): boolean;
  /**
   * Why the configurations could not be checked at the last attempt, or which fields something else
   * keeps changing; undefined if neither is the case.
   */
  problem(): string | undefined;
  /**
   * Whether every entry of both configurations carried these authorities (PEM) at the last check.
   */
  isPublished(caBundle: string): boolean;
}

/**
 * The keeper is level-based. Each check reads both configurations by name and writes only one that
 * differs. It needs no leader.
 */
export function createKeeper(options: KeeperOptions): Keeper {
  const { configurations, source, log, intervalMs = 1000, clock = systemClock } = options;
  const seen = new Map<WebhookKind, unknown>();
  const leftAlone = new Set<WebhookKind>();
  const disputed = new Map<WebhookKind, readonly string[]>();
  const foreign = new Map<WebhookKind, string>();
  const allowances = { Mutating: createAllowance(clock), Validating: createAllowance(clock) };
  let areInPlace = false;
  /** The order and version of the first configuration, and the time since which it is in place. */
  let settling: { readonly what: string; readonly since: number } | undefined;
  let complaint = '';

  /** Returns the desired configuration, given the live one. */
  const wanted = (kind: WebhookKind, template: WebhookConfiguration, live: unknown): WebhookConfiguration =>
    completeConfiguration(provedOr(template, live), {
      caBundle: source.bundleFor(kind, bundlesOf(live)),
      owner: options.namespaceOwner,
    });

  /** Keeps a proof once there was one, because an outage or a restart must not open the fence. */
  function provedOr(template: WebhookConfiguration, live: unknown): WebhookConfiguration {
    const { reach, release } = options;
    const released = release === undefined ? template : withAnnotations(template, { [releaseAnnotation]: release });
    if (reach === undefined) return released;
    const { address } = reach;
    const isReached = reach.isProved() || isReachedAt(live, address) || closedBeforeProofs(live, template);
    return byReach(released, { address, isReached });
  }

  /** Decides from the known facts first, and reads further facts only if they may change it. */
  async function decide(
    kind: WebhookKind,
    template: WebhookConfiguration,
    live: unknown,
    isDue: boolean,
  ): Promise<NextWrite> {
    const { versionAnnotation } = options;
    let clusterVersion: string | undefined;
    const look = () => nextWrite({ isDue, versionAnnotation, clusterVersion }, live, wanted(kind, template, live));
    let write = look();
    if (write.does === 'leave') {
      clusterVersion = await options.liveVersion?.();
      write = look();
    }
    if (write.does !== 'replace') return write;
    // Other replicas are asked for their releases only if the configuration differs.
    if ((await options.precedence?.yieldsTo(annotationOf(live, releaseAnnotation))) === true) return { does: 'leave' };
    // This replica's authority may be out of date: replicas learn of a new authority at different
    // moments, and must not undo each other's work. If the refresh fails, the source reports it,
    // and the known authority is still better than a wrong configuration.
    await source.refresh().catch(() => undefined);
    return look();
  }

  /** Corrects one configuration. Resolves to whether it is in place. */
  async function keep(kind: WebhookKind, template: WebhookConfiguration, isDue: boolean): Promise<boolean> {
    const name = template.metadata.name ?? '';
    for (let attempt = 1; ; attempt += 1) {
      try {
        const live = await configurations.get(kind, name);
        if (live === undefined) seen.delete(kind);
        // A configuration that is made again has to become known before the other may follow.
        if (live === undefined && settling?.what.startsWith(kind)) settling = undefined;
        const next = await decide(kind, template, live, isDue);
        tellLeft(kind, next.does === 'leave');
        tellForeign(kind, foreignKeys(live, template).join(', '));
        if (next.does === 'wait') return false;
        if (next.does === 'replace' && !allowances[kind].take()) {
          tellDispute(kind, next.differences);
          seen.set(kind, live);
          return true;
        }
        if (next.does === 'nothing' || next.does === 'leave') {
          seen.set(kind, live);
          if (!allowances[kind].isSpent()) disputed.delete(kind);
        } else seen.set(kind, await write(kind, wanted(kind, template, live), live, next));
        return true;
      } catch (error) {
        // Another replica was faster. Its configuration is read, and is usually correct.
        if (apiCode(error) !== 409 || attempt >= maxAttempts) throw error;
      }
    }
  }

  /** Writes a configuration. Resolves to the stored object. */
  async function write(
    kind: WebhookKind,
    desired: WebhookConfiguration,
    live: unknown,
    next: Extract<NextWrite, { does: 'create' | 'replace' }>,
  ): Promise<unknown> {
    const { name } = desired.metadata;
    const isNew = next.does === 'create';
    const written = await (isNew
      ? configurations.create(kind, desired)
      : configurations.replace(kind, replacementOf(live, desired)));
    const differences = isNew ? [] : next.differences;
    log.info({ kind, name, differences }, isNew ? 'webhooks created' : 'webhooks repaired');
    const left = differencesOf(written, desired);
    if (left.length > 0) tellDispute(kind, left);
    else if (!allowances[kind].isSpent()) disputed.delete(kind);
    return written;
  }

  /** Logs once which requirements of others exclude namespaces from the webhooks. */
  function tellForeign(kind: WebhookKind, keys: string): void {
    if (keys !== '' && foreign.get(kind) !== keys) log.warn({ kind, keys }, 'webhooks carry requirements of others');
    foreign.set(kind, keys);
  }

  /** Logs once that something else writes the same fields, and which. */
  function tellDispute(kind: WebhookKind, differences: readonly string[]): void {
    if (!disputed.has(kind)) log.warn({ kind, differences }, 'webhooks are changed by something else');
    disputed.set(kind, differences);
  }

  /** Logs once, until it is over, that the configuration is left to another replica. */
  function tellLeft(kind: WebhookKind, isLeftAlone: boolean): void {
    if (isLeftAlone && !leftAlone.has(kind))
      log.info({ kind }, 'webhooks of a newer configuration or another release are left alone');
    if (isLeftAlone) leftAlone.add(kind);
    else leftAlone.delete(kind);
  }

  async function check(): Promise<boolean> {
    try {
      const { mutating, validating, first } = options.desired();
      const [one, other] = first === 'Mutating' ? [mutating, validating] : [validating, mutating];
      await keep(first, one, true);
      const what = `${first} ${recordOf(one.metadata.annotations)[options.versionAnnotation]}`;
      if (settling?.what !== what) settling = { what, since: clock.uptime() };
      const hasSettled = clock.uptime() - settling.since >= settleMs;
      const isWhole = await keep(first === 'Mutating' ? 'Validating' : 'Mutating', other, hasSettled);
      if (complaint !== '') log.info({}, 'webhooks can be kept again');
      complaint = '';
      areInPlace = isWhole && disputed.size === 0;
      return isWhole;
    } catch (error) {
      areInPlace = false;
      seen.clear();
      settling = undefined;
      const reason = error instanceof Error ? error.message : 'not an error';
      if (reason !== complaint) log.warn({ code: apiCode(error), reason }, 'webhooks could not be kept');
      complaint = reason;
      throw error;
    }
  }

  return {
    check,
    areKept: () => areInPlace,
    failsOpen() {
      const address = options.reach?.address;
      return address !== undefined && ![...seen.values()].every((actual) => isReachedAt(actual, address));
    },
    problem() {
      if (complaint !== '') return complaint;
      const fields = [...disputed.values()].flat();
      return fields.length === 0 ? undefined : `something else keeps changing ${fields.join(', ')}`;
    },
    isPublished: (caBundle) => seen.size === 2 && [...seen.values()].every((actual) => carriesBundle(actual, caBundle)),
    async start(signal) {
      const options = { firstMs: firstRetryMs, longestMs: longestWaitMs, signal, clock };
      // The wait until API servers know the first configuration is not a failure.
      while (!(await retry(check, options))) await clock.sleep(firstRetryMs, signal);
      void repeat(
        async () => {
          await check();
        },
        { everyMs: intervalMs, longestMs: longestWaitMs, signal, clock },
      );
    },
  };
}

// API servers learn of a configuration through a watch, within some milliseconds. A second is far
// longer, and does not matter for a first install.
const settleMs = 1000;

// An API server that answers does so within milliseconds. The delay doubles from this value.
const firstRetryMs = 250;

// With the random part of the delay, the webhooks are wrong for little more than three seconds
// after the API server is back.
const longestWaitMs = 2500;

// Replicas conflict only at the first start and when the configuration changes. Each conflict means
// that another replica has written.
const maxAttempts = 3;
