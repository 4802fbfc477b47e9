import { recordOf } from '../kubernetes/raw-object.ts';
import { apiCode } from '../retry/answer.ts';
import { systemClock } from '../retry/clock.ts';
import { repeat, retry } from '../retry/retry.ts';
import { createAllowance } from './allowance.ts';
import { changesCalls, differencesOf, isOlder } from './difference.ts';
import { foreignKeys } from './foreign-requirements.ts';
import { type NextWrite, nextWrite } from './next-write.ts';
import { createOwnership } from './ownership.ts';
import type { KeeperOptions } from './ports.ts';
import { releaseAnnotation } from './release.ts';
import { createRivals } from './rivals.ts';
import { createSettling } from './settling.ts';
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
  const ownership = createOwnership(options.owner, log);
  const seen = new Map<WebhookKind, unknown>();
  const rivals = createRivals(log);
  const settling = createSettling(clock);
  const allowances = { Mutating: createAllowance(clock), Validating: createAllowance(clock) };
  let areInPlace = false;
  let complaint = '';

  /** Returns the desired configuration, given the live one. */
  const wanted = (kind: WebhookKind, template: WebhookConfiguration, live: unknown): WebhookConfiguration =>
    completeConfiguration(provedOr(template, live), {
      caBundle: source.bundleFor(kind, bundlesOf(live)),
      owners: ownership.ownersFor(live),
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

  const textOfVersion = ({ metadata }: WebhookConfiguration): string =>
    String(recordOf(metadata.annotations)[options.versionAnnotation]);

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

  /** Corrects one configuration. Resolves to its state afterwards. */
  async function keep(kind: WebhookKind, template: WebhookConfiguration, isDue: boolean): Promise<Kept> {
    const name = template.metadata.name ?? '';
    for (let attempt = 1; ; attempt += 1) {
      try {
        const live = await configurations.get(kind, name);
        await ownership.learn(live);
        if (live === undefined) seen.delete(kind);
        const next = await decide(kind, template, live, isDue);
        rivals.leave(kind, next.does === 'leave');
        rivals.require(kind, foreignKeys(live, template).join(', '));
        if (next.does === 'wait') return 'waiting';
        const version = textOfVersion(template);
        if (next.does === 'replace' && !allowances[kind].allows(version)) {
          rivals.dispute(kind, next.differences);
          seen.set(kind, live);
          return 'behind';
        }
        if (next.does === 'nothing' || next.does === 'leave') {
          seen.set(kind, live);
          if (!allowances[kind].isSpent()) rivals.settle(kind);
          return isOlder(live, template, options.versionAnnotation) ? 'behind' : 'current';
        }
        seen.set(kind, await write(kind, wanted(kind, template, live), live, next));
        if (next.does === 'create') return 'new';
        allowances[kind].take(version);
        return next.differences.some(changesCalls) ? 'new' : 'current';
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
    const differences = isNew ? [] : next.differences;
    const written = await (isNew
      ? configurations.create(kind, desired)
      : ownership.changes(differences, configurations.replace(kind, replacementOf(live, desired))));
    log.info({ kind, name, differences }, isNew ? 'webhooks created' : 'webhooks repaired');
    const left = differencesOf(written, desired);
    if (left.length > 0) rivals.dispute(kind, left);
    else if (!allowances[kind].isSpent()) rivals.settle(kind);
    return written;
  }

  async function check(): Promise<boolean> {
    try {
      const { mutating, validating, first } = options.desired();
      const [one, other] = first === 'Mutating' ? [mutating, validating] : [validating, mutating];
      const isCurrent = (await keep(first, one, true)) === 'current';
      const isDue = settling.isDue(`${first} ${textOfVersion(one)}`, isCurrent);
      const isWhole = (await keep(first === 'Mutating' ? 'Validating' : 'Mutating', other, isDue)) !== 'waiting';
      if (isWhole) settling.end();
      if (complaint !== '') log.info({}, 'webhooks can be kept again');
      complaint = '';
      areInPlace = isWhole && rivals.disputed().length === 0;
      return isWhole;
    } catch (error) {
      areInPlace = false;
      seen.clear();
      settling.forget();
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
      const fields = rivals.disputed();
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

/**
 * A configuration after a check: it was as desired, or newer; or API servers have to learn of it
 * now; or it waits for the first one; or it is left behind, because something else changes it again
 * and again or keeps it at an older version.
 */
type Kept = 'current' | 'new' | 'waiting' | 'behind';

// An API server that answers does so within milliseconds. The delay doubles from this value. With
// its random part, the webhooks are wrong for little more than three seconds after an outage.
const [firstRetryMs, longestWaitMs] = [250, 2500];

// Replicas conflict only at the first start and when the configuration changes. Each conflict means
// that another replica has written.
const maxAttempts = 3;
