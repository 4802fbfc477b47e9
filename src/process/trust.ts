import { desiredConfigurations } from '../admission/webhooks.ts';
import { configVersionAnnotation } from '../baseline/names.ts';
import { configMaps, namespaces, webhookConfigurations } from '../cluster/resources.ts';
import { endpointOf, reachableUrl } from '../installation/address.ts';
import { announceAuthorities } from '../installation/announcement.ts';
import { createKeeper, type Keeper } from '../installation/keeper.ts';
import { waitUntilReachable } from '../installation/reachability.ts';
import { systemClock } from '../retry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Source } from '../tls/material.ts';
import type { Lifetimes } from '../tls/rotation.ts';
import { type CertificateOptions, openCertificates } from './certificates.ts';
import type { OpenCluster } from './cluster.ts';
import { configMapName } from './configuration.ts';
import type { Patience } from './patience.ts';

/** Certificates, and the webhook configurations that make the API server call us and trust them. */
export interface Trust {
  readonly source: Source;
  readonly keeper: Keeper;
  /**
   * Resolves once there is a certificate, and the API server has been told of its authority if it
   * calls us already.
   */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Makes the webhook configurations, and keeps them until aborted. Call it once the server
   * listens. It waits until the address can be reached, because a fresh install must never stop a
   * cluster.
   */
  install(signal: AbortSignal): Promise<void>;
}

/** Opens both. Throws where the namespace of the process does not exist. */
export async function openTrust(
  options: CertificateOptions,
  { cluster, config, username }: Pick<OpenCluster, 'cluster' | 'config' | 'username'>,
  {
    lifetimes,
    log,
    untilAnswered,
  }: { readonly lifetimes: Lifetimes; readonly log: Log; readonly untilAnswered: Patience },
): Promise<Trust> {
  const isPublished = (bundle: string) => keeper.isPublished(bundle);
  const source = openCertificates(options, { lifetimes, cluster, log, isPublished });
  const configurations = webhookConfigurations(cluster);
  const desired = () => desiredConfigurations(config(), endpointOf(options), username);
  const keeper = createKeeper({
    configurations,
    desired,
    source,
    namespaceOwner: await ownNamespace(),
    versionAnnotation: configVersionAnnotation,
    liveVersion: async () => (await configMaps(cluster).version(options.namespace, configMapName)) ?? '0',
    log,
  });

  async function ownNamespace() {
    const raw = await untilAnswered(() => namespaces(cluster).get(options.namespace));
    const uid = raw?.metadata.uid;
    if (uid === undefined) throw new Error(`namespace ${options.namespace} does not exist; apply the manifests first`);
    return { apiVersion: 'v1', kind: 'Namespace', name: options.namespace, uid };
  }

  return {
    source,
    keeper,
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
      log.info({}, 'webhook configurations in place');
    },
  };
}
