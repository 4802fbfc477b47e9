import { createHash } from 'node:crypto';
import { apiCode } from '../retry/answer.ts';
import { type Clock, systemClock } from '../retry/clock.ts';
import { repeat, retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import { lastCallOf, type Names, writeCertificates } from './certificate.ts';
import { type Holding, type Leaf, readHolding, type SecretData, writeHolding } from './holding.ts';
import { createListeners, type Material, reasonOf, type Source } from './material.ts';
import { type Lifetimes, nextStep } from './rotation.ts';
import { createTrust } from './trust.ts';

/** A core/v1 Secret, its data decoded to text. */
export interface TlsSecret {
  readonly name: string;
  readonly namespace: string;
  readonly resourceVersion?: string;
  readonly type: string;
  readonly data: SecretData;
}

/** The Secrets, as the source needs them. Errors carry the HTTP status as `code`. */
export interface SecretStore {
  /** Always live; undefined where there is none. */
  get(namespace: string, name: string): Promise<TlsSecret | undefined>;
  /** 409 where another was quicker. */
  create(secret: TlsSecret): Promise<unknown>;
  /** 409 where the Secret changed since `resourceVersion`. */
  replace(secret: TlsSecret): Promise<unknown>;
}

export interface SourceOptions extends Names {
  readonly secrets: SecretStore;
  readonly namespace: string;
  /** The Secret's name: `ringfence-tls`. */
  readonly name: string;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly lifetimes?: Partial<Lifetimes>;
  /** How often the Secret is read, in milliseconds, ±10 %. */
  readonly refreshMs?: number;
  /**
   * Whether a bundle is known to be in the webhook configurations: an authority's change waits for
   * it.
   */
  readonly isPublished?: (caBundle: string) => boolean;
  readonly clock?: Clock;
}

/**
 * A year for the authority and 90 days for the certificate, cert-manager's default, renewed at two
 * thirds of it. Two minutes between the steps of a change of authority: many refreshes of every
 * replica, and longer than a replica needs to notice that it hangs.
 */
export const defaultLifetimes: Lifetimes = {
  authorityMs: 365 * 86_400_000,
  certificateMs: 90 * 86_400_000,
  overlapMs: 120_000,
};

/**
 * For how many overlaps authorities in the webhook configurations stay that are not ours: ten
 * minutes by default. They are of replicas that serve with files while we use the Secret, or the
 * other way round, as during a rollout from one to the other.
 */
export const overlapsKept = 5;

/**
 * Keeps the serving certificate in a Secret that all replicas share. Nothing is made while another
 * replica has already made it.
 */
export function createSource(options: SourceOptions): Source {
  const { secrets, namespace, name, log, clock = systemClock, refreshMs = 5000 } = options;
  const names: Names = { dnsNames: options.dnsNames, ipAddresses: options.ipAddresses };
  const lifetimes = { ...defaultLifetimes, ...options.lifetimes };
  const isPublished = options.isPublished ?? (() => true);
  const listeners = createListeners(log);
  const trust = createTrust({ keepMs: overlapsKept * lifetimes.overlapMs, clock });
  let serving: Serving | undefined;
  // Which state of the Secret was read last, and since when it has stood.
  let standing = { state: '', since: 0 };
  let refreshing: Promise<void> | undefined;
  let complaint = '';

  async function refreshOnce(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const secret = await secrets.get(namespace, name);
      const at = clock.now();
      const holding = readHolding(secret?.data ?? {}, at);
      // A Secret with a certificate that works is used before its next step is tried: the step's
      // failure must not keep it from serving.
      if (holding.leaf !== undefined) adopt(holding, holding.leaf);
      const step = await nextStep(holding, {
        at,
        names,
        lifetimes,
        standingMs: stateOf(holding) === standing.state ? clock.uptime() - standing.since : 0,
        published: isPublished(writeCertificates(holding.bundle)),
        serving: serving?.holding,
      });
      if (step === undefined) return;
      const data = writeHolding(step.holding);
      const next = readHolding(data, at);
      if (next.leaf === undefined || next.newest === undefined)
        throw new Error(`new certificates are not usable: ${next.problems.join('; ')}`);
      try {
        if (secret === undefined) await secrets.create({ name, namespace, type: 'kubernetes.io/tls', data });
        else await secrets.replace({ ...secret, data });
      } catch (error) {
        // Another replica was quicker: what it wrote is as good as ours.
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
    const state = stateOf(holding);
    if (state !== standing.state) standing = { state, since: clock.uptime() };
    const material: Material = {
      cert: leaf.certificate.toString(),
      key: leaf.key,
      caBundle: writeCertificates(holding.bundle),
    };
    const isChange = serving?.material.cert !== material.cert || serving.material.caBundle !== material.caBundle;
    serving = { holding, leaf, material };
    if (isChange) listeners.tell(material);
  }

  async function refreshAndSay(): Promise<void> {
    try {
      await refreshOnce();
      if (complaint !== '') log.info({ namespace, name }, 'certificates can be refreshed again');
      complaint = '';
    } catch (error) {
      const reason = reasonOf(error);
      // Said once for each reason, not every few seconds for as long as it lasts.
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
   * A certificate that works is served whatever became of its next step: only the lack of one is a
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
      // Failures are told by the refresh.
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

interface Serving {
  readonly holding: Holding;
  readonly leaf: Leaf;
  readonly material: Material;
}

// Replicas race only when one starts or a step is due; each lost race means that another won, so a
// few are enough for any number of replicas.
const maxAttempts = 5;

// The API server answers within milliseconds where it answers at all; from there the delay doubles.
const firstRetryMs = 250;

/** Tells two states of the Secret apart. */
function stateOf(holding: Holding): string {
  const hash = createHash('sha256').update(writeCertificates(holding.bundle));
  return hash.update(holding.leaf?.certificate.raw ?? '').digest('hex');
}
