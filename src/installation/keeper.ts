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
  completeConfiguration,
  isReachedAt,
  replacementOf,
  type WebhookConfiguration,
  type WebhookKind,
  withAnnotations,
} from './webhook-configuration.ts';

/** Makes the two webhook configurations and keeps them true. */
export interface Keeper {
  /**
   * To be called once the webhooks are served. Resolves when both configurations are in place; goes
   * on checking until aborted.
   */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Looks at both once. Resolves to whether both are in place; rejects where the cluster gave no
   * answer.
   */
  check(): Promise<boolean>;
  /**
   * Whether both configurations were as they must be when last looked at; not where the cluster
   * gave no answer.
   */
  areKept(): boolean;
  /**
   * Whether entries fail open, because nothing has proved yet that the API server reaches them; as
   * last looked at.
   */
  failsOpen(): boolean;
  /** Why the configurations could not be looked at when last tried; undefined if they could. */
  problem(): string | undefined;
  /**
   * Whether every entry of both configurations carried these authorities (PEM) when last looked at.
   */
  isPublished(caBundle: string): boolean;
}

/** Level-based: each check reads both by name, writes only what differs, and needs no leader. */
export function createKeeper(options: KeeperOptions): Keeper {
  const { configurations, source, log, intervalMs = 1000, clock = systemClock } = options;
  const seen = new Map<WebhookKind, unknown>();
  const leftAlone = new Set<WebhookKind>();
  const disputed = new Map<WebhookKind, readonly string[]>();
  const foreign = new Map<WebhookKind, string>();
  const allowances = { Mutating: createAllowance(clock), Validating: createAllowance(clock) };
  let areInPlace = false;
  /** Since when the first side has been in place, in which order and of which version. */
  let settling: { readonly what: string; readonly since: number } | undefined;
  let complaint = '';

  /** What a configuration shall be, by what it is now. */
  const wanted = (kind: WebhookKind, template: WebhookConfiguration, live: unknown): WebhookConfiguration =>
    completeConfiguration(provedOr(template, live), {
      caBundle: source.bundleFor(kind, bundlesOf(live)),
      owner: options.namespaceOwner,
    });

  /** What was proved once stays so: neither an outage nor a restart may open the fence. */
  function provedOr(template: WebhookConfiguration, live: unknown): WebhookConfiguration {
    const { reach, release } = options;
    const released = release === undefined ? template : withAnnotations(template, { [releaseAnnotation]: release });
    if (reach === undefined) return released;
    const { address } = reach;
    return byReach(released, { address, isReached: reach.isProved() || isReachedAt(live, address) });
  }

  /** Decides by what is known, and asks for what may change the decision. */
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
    // Only what differs is worth the question who else is there.
    if ((await options.precedence?.yieldsTo(annotationOf(live, releaseAnnotation))) === true) return { does: 'leave' };
    // Ours may be what is out of date: replicas learn of a new authority at different moments, and
    // must not undo each other's work. Where it cannot be asked, the source says so, and ours is
    // still better than what is wrong.
    await source.refresh().catch(() => undefined);
    return look();
  }

  /** Sets one configuration right. Resolves to whether it is in place. */
  async function keep(kind: WebhookKind, template: WebhookConfiguration, isDue: boolean): Promise<boolean> {
    const name = template.metadata.name ?? '';
    for (let attempt = 1; ; attempt += 1) {
      try {
        const live = await configurations.get(kind, name);
        if (live === undefined) seen.delete(kind);
        // Made anew, it has to become known again before the other side may follow.
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
        // Another replica was quicker; what it wrote is read, and usually right.
        if (apiCode(error) !== 409 || attempt >= maxAttempts) throw error;
      }
    }
  }

  /** Writes, and resolves to the object as it is stored then. */
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

  /** Says once which requirements of others keep namespaces from the webhooks. */
  function tellForeign(kind: WebhookKind, keys: string): void {
    if (keys !== '' && foreign.get(kind) !== keys) log.warn({ kind, keys }, 'webhooks carry requirements of others');
    foreign.set(kind, keys);
  }

  /** Says once that somebody else writes the same fields, and what they are. */
  function tellDispute(kind: WebhookKind, differences: readonly string[]): void {
    if (!disputed.has(kind)) log.warn({ kind, differences }, 'webhooks are changed by something else');
    disputed.set(kind, differences);
  }

  /** Says once when another replica's work is left alone, and forgets it when that is over. */
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
      // Waiting for the first side to settle is not a failure.
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

// API servers learn of a configuration through a watch, within some milliseconds; a second is far
// more, and costs a first install nothing.
const settleMs = 1000;

// The API server answers within milliseconds where it answers at all; from there the delay doubles.
const firstRetryMs = 250;

// With what chance adds to it, an API server that comes back finds its webhooks wrong for little
// longer than three seconds.
const longestWaitMs = 2500;

// Replicas race only at the first start and when the configuration changes; each lost race means
// that another won.
const maxAttempts = 3;
