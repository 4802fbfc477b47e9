import { reachEntry } from '../admission/reach.ts';
import { desiredConfigurations } from '../admission/webhooks.ts';
import { configVersionAnnotation } from '../baseline/names.ts';
import { events, webhookConfigurations } from '../cluster/resources.ts';
import { dialedUrl, endpointOf, reachableUrl } from '../installation/address.ts';
import { announceAuthorities } from '../installation/announcement.ts';
import { createKeeper, type Keeper } from '../installation/keeper.ts';
import { createPrecedence } from '../installation/precedence.ts';
import { createReach, type Reach } from '../installation/reach.ts';
import { callRoll, waitUntilReachable } from '../installation/reachability.ts';
import { systemClock } from '../retry/clock.ts';
import { retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import type { Source } from '../tls/material.ts';
import type { Lifetimes } from '../tls/rotation.ts';
import { type CertificateOptions, openCertificates } from './certificates.ts';
import type { OpenCluster } from './cluster.ts';
import { openOwner } from './owner.ts';
import type { Patience } from './patience.ts';

/** The certificates, and the webhook configurations with which the API server trusts them. */
export interface Trust {
  readonly source: Source;
  readonly keeper: Keeper;
  readonly reach: Reach;
  /**
   * Resolves when there is a certificate. If webhook configurations exist already, it first tries
   * for some seconds to add the authority to them.
   */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Makes the webhook configurations and maintains them until aborted. Call it when the server
   * listens. It waits until this process reaches the address itself. Entries fail open until the
   * API server has reached the address, because a fresh install must never stop a cluster. Resolves
   * when the configurations are in place.
   */
  install(signal: AbortSignal): Promise<void>;
}

/** Opens both. Throws if the namespace of the process does not exist. */
export async function openTrust(
  options: CertificateOptions & { readonly release: string },
  { cluster, config, username, liveVersion }: Pick<OpenCluster, 'cluster' | 'config' | 'username' | 'liveVersion'>,
  {
    lifetimes,
    log,
    untilAnswered,
  }: { readonly lifetimes: Lifetimes; readonly log: Log; readonly untilAnswered: Patience },
): Promise<Trust> {
  const isPublished = (bundle: string) => keeper.isPublished(bundle);
  const owner = await openOwner(cluster, options.namespace, untilAnswered);
  const source = openCertificates(options, { lifetimes, cluster, owner, log, isPublished });
  const configurations = webhookConfigurations(cluster);
  const { namespace, release } = options;
  const desired = () => {
    const { validating, ...others } = desiredConfigurations(config(), endpointOf(options), username);
    const proof = reachEntry(endpointOf(options), { namespace, username });
    return { ...others, validating: { ...validating, webhooks: [...validating.webhooks, proof] } };
  };
  const reach = createReach({
    tryCreate: (name) => events(cluster).tryCreate(proofEvent(namespace, name), { timeoutMs: proofTimeoutMs }),
    log,
  });
  const keeper = createKeeper({
    configurations,
    desired,
    source,
    owner,
    versionAnnotation: configVersionAnnotation,
    liveVersion,
    reach: { address: dialedUrl(options), isProved: reach.isProved },
    release,
    precedence: createPrecedence({
      release,
      rollCall: () => callRoll(reachableUrl(options), source.current().caBundle),
      clock: systemClock,
    }),
    log,
  });

  return {
    source,
    keeper,
    reach,
    async start(signal) {
      await source.start(signal);
      const { name } = desired().validating.metadata;
      await announceAuthorities({ configurations, name, source, log, clock: systemClock }, signal);
    },
    async install(signal) {
      await waitUntilReachable(reachableUrl(options), () => source.current().caBundle, {
        signal,
        onFailure: (reason) => log.info({ reason }, 'webhook address not reachable yet'),
      });
      await keeper.start(signal);
      await reach.start(signal);
      await retry(() => keeper.check(), { firstMs: 100, longestMs: 2_000, signal });
      log.info({}, 'webhook configurations in place');
    },
  };
}

/**
 * Returns the Event (core/v1) whose creation as a dry run calls the entry that proves reach. It is
 * never stored. The process already has the right to create Events.
 */
function proofEvent(namespace: string, name: string) {
  const involvedObject = { apiVersion: 'v1', kind: 'Namespace', namespace, name: namespace };
  const metadata = { namespace, name };
  return { metadata, involvedObject, type: 'Normal', reason: 'Reached', message: 'The API server reaches Ringfence.' };
}

/**
 * Longer than the timeout of the entry, so that the answer of the API server contains the reason.
 */
const proofTimeoutMs = 8_000;
