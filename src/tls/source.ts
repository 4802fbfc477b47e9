import { createHash } from 'node:crypto';
import { apiCode } from '../retry/answer.ts';
import { type Clock, systemClock } from '../retry/clock.ts';
import { repeat, retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import { lastCallOf, type Names, writeCertificates } from './certificate.ts';
import { type Holding, type Leaf, readHolding, type SecretData, writeHolding } from './holding.ts';
import { createListeners, type Material, reasonOf, type Source } from './material.ts';
import { type Circumstances, type Lifetimes, nextStep } from './rotation.ts';
import { createTrust } from './trust.ts';

/** meta/v1 OwnerReference. */
interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** A core/v1 Secret with its data decoded to text. */
export interface TlsSecret {
  readonly name: string;
  readonly namespace: string;
  readonly resourceVersion?: string;
  readonly type: string;
  readonly ownerReferences?: readonly Owner[];
  readonly data: SecretData;
}

/** The operations on Secrets that the source needs. Errors carry the HTTP status as `code`. */
export interface SecretStore {
  /** Always reads live. Undefined if there is no such Secret. */
  get(namespace: string, name: string): Promise<TlsSecret | undefined>;
  /** Fails with 409 if another replica was quicker. */
  create(secret: TlsSecret): Promise<unknown>;
  /** Fails with 409 if the Secret changed since `resourceVersion`. */
  replace(secret: TlsSecret): Promise<unknown>;
}

export interface SourceOptions extends Names {
  readonly secrets: SecretStore;
  readonly namespace: string;
  /** The Secret's name: `ringfence-tls`. */
  readonly name: string;
  /**
   * Reads the object with which the garbage collector deletes the Secret. Without it, a new Secret
   * has no owner. Rejects if the owner is gone; then no Secret is made.
   */
  readonly owner?: () => Promise<Owner>;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly lifetimes?: Partial<Lifetimes>;
  /** How often the Secret is read, in milliseconds, ±10 %. */
  readonly refreshMs?: number;
  /**
   * Whether a bundle is known to be in the webhook configurations. A change of authority waits for
   * that.
   */
  readonly isPublished?: (caBundle: string) => boolean;
  readonly clock?: Clock;
}

/**
 * The authority is valid for a year. The certificate is valid for 90 days, cert-manager's default,
 * and is renewed at two thirds of that. Two minutes pass between the steps of a change of
 * authority: every replica refreshes many times in that time, and it is longer than a replica needs
 * to notice that it hangs.
 */
export const defaultLifetimes: Lifetimes = {
  authorityMs: 365 * 86_400_000,
  certificateMs: 90 * 86_400_000,
  overlapMs: 120_000,
};

/**
 * For how many overlaps the authorities of others stay in the webhook configurations: ten minutes
 * by default. They belong to replicas that serve from files while we use the Secret, or the
 * reverse, as during a rollout from one to the other.
 */
export const overlapsKept = 5;

/**
 * Keeps the serving certificate in a Secret that all replicas share. Nothing is made that another
 * replica has already made.
 */
export function createSource(options: SourceOptions): Source {
  const { secrets, namespace, name, log, clock = systemClock, refreshMs = 5000 } = options;
  const names: Names = { dnsNames: options.dnsNames, ipAddresses: options.ipAddresses };
  const lifetimes = { ...defaultLifetimes, ...options.lifetimes };
  const isPublished = options.isPublished ?? (() => true);
  const listeners = createListeners(log);
  const trust = createTrust({ keepMs: overlapsKept * lifetimes.overlapMs, clock });
  let serving: Serving | undefined;
  /** The state of the Secret that was read last. */
  let standing: Standing = { state: '', since: 0, publishedSince: undefined };
  let refreshing: Promise<void> | undefined;
  let complaint = '';

  const ownedBy = async () => (options.owner === undefined ? {} : { ownerReferences: [await options.owner()] });

  async function refreshOnce(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const secret = await secrets.get(namespace, name);
      const at = clock.now();
      const holding = readHolding(secret?.data ?? {}, at);
      // A working certificate in the Secret is used before the next step is tried. If the step
      // fails, the certificate is served nevertheless.
      if (holding.leaf !== undefined) adopt(holding, holding.leaf);
      const step = await nextStep(holding, {
        at,
        names,
        lifetimes,
        ...durationsOf(holding),
        serving: serving?.holding,
      });
      if (step === undefined) return;
      const data = writeHolding(step.holding);
      const next = readHolding(data, at);
      if (next.leaf === undefined || next.newest === undefined)
        throw new Error(`new certificates are not usable: ${next.problems.join('; ')}`);
      try {
        if (secret === undefined)
          await secrets.create({ name, namespace, type: 'kubernetes.io/tls', ...(await ownedBy()), data });
        else await secrets.replace({ ...secret, data });
      } catch (error) {
        // Another replica was quicker. What it wrote is as good as our own.
        if (apiCode(error) === 409 && attempt < maxAttempts) continue;
        throw error;
      }
      if (secret !== undefined && holding.problems.length > 0)
        log.warn({ namespace, name, problems: holding.problems }, 'unusable certificates were replaced');
      log.info({ namespace, name, step: step.does }, 'certificates written');
      adopt(next, next.leaf);
      return;
    }
  }

  function adopt(holding: Holding, leaf: Leaf): void {
    const caBundle = writeCertificates(holding.bundle);
    const state = stateOf(holding);
    if (state !== standing.state) standing = { state, since: clock.uptime(), publishedSince: undefined };
    if (!isPublished(caBundle)) standing.publishedSince = undefined;
    else standing.publishedSince ??= clock.uptime();
    const material: Material = { cert: leaf.certificate.toString(), key: leaf.key, caBundle };
    const isChange = serving?.material.cert !== material.cert || serving.material.caBundle !== material.caBundle;
    serving = { holding, leaf, material };
    if (isChange) listeners.tell(material);
  }

  /** For how long a state of the Secret has held, if it is the one that was read last. */
  function durationsOf(holding: Holding): Pick<Circumstances, 'standingMs' | 'publishedMs'> {
    const { state, since, publishedSince } = standing;
    if (stateOf(holding) !== state) return { standingMs: 0, publishedMs: undefined };
    const at = clock.uptime();
    return { standingMs: at - since, publishedMs: publishedSince === undefined ? undefined : at - publishedSince };
  }

  async function refreshAndSay(): Promise<void> {
    try {
      await refreshOnce();
      if (complaint !== '') log.info({ namespace, name }, 'certificates can be refreshed again');
      complaint = '';
    } catch (error) {
      const reason = reasonOf(error);
      // Each reason is logged once, not every few seconds for as long as it lasts.
      if (reason !== complaint)
        log.warn({ namespace, name, code: apiCode(error), reason }, 'certificates could not be refreshed');
      complaint = reason;
      throw error;
    }
  }

  const refresh = (): Promise<void> => {
    refreshing ??= refreshAndSay().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };

  /**
   * A working certificate is served even if the next step failed. Only a missing certificate is a
   * failure.
   */
  async function begin(): Promise<void> {
    try {
      await refresh();
    } catch (error) {
      if (serving === undefined) throw error;
    }
  }

  return {
    refresh,
    async start(signal) {
      await retry(begin, { firstMs: firstRetryMs, longestMs: refreshMs, signal, clock });
      // The refresh logs its own failures.
      void repeat(refresh, { everyMs: refreshMs, signal, clock });
    },
    current() {
      if (serving === undefined) throw new Error('there is no serving certificate yet');
      return serving.material;
    },
    bundleFor: (place, live) => trust.bundleFor(serving?.holding.bundle ?? [], place, live),
    onChange: listeners.add,
    problem: () => (complaint === '' ? undefined : `certificates cannot be refreshed: ${complaint}`),
    expiresAt() {
      if (serving === undefined) return undefined;
      const { certificate, issuer } = serving.leaf;
      return {
        certificate: certificate.validToDate.getTime(),
        authority: issuer.validToDate.getTime(),
        lastCall: Math.min(lastCallOf(certificate), lastCallOf(issuer)),
      };
    },
  };
}

interface Standing {
  readonly state: string;
  /** Since when it has been unchanged. */
  readonly since: number;
  /** Since when its bundle has been known to be in the webhook configurations. */
  publishedSince: number | undefined;
}

interface Serving {
  readonly holding: Holding;
  readonly leaf: Leaf;
  readonly material: Material;
}

// Replicas compete only when one starts or a step is due. Each lost attempt means that another
// replica succeeded, so a few attempts are enough for any number of replicas.
const maxAttempts = 5;

// If the API server answers at all, it answers within milliseconds. From there the delay doubles.
const firstRetryMs = 250;

/** Tells two states of the Secret apart. */
function stateOf(holding: Holding): string {
  const hash = createHash('sha256').update(writeCertificates(holding.bundle));
  return hash.update(holding.leaf?.certificate.raw ?? '').digest('hex');
}
