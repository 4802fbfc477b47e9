import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createHandler } from '../admission/handler.ts';
import { desiredConfigurations } from '../admission/webhooks.ts';
import { createController } from '../baseline/controller.ts';
import { createGate } from '../baseline/gate.ts';
import { configVersionAnnotation } from '../baseline/names.ts';
import { readNamespace } from '../baseline/namespace.ts';
import { createReconciler } from '../baseline/reconcile.ts';
import { readNetworkPolicy } from '../baseline/wall.ts';
import { configMaps } from '../cluster/config-maps.ts';
import { connect } from '../cluster/connection.ts';
import { countCalls } from '../cluster/counting.ts';
import { identity } from '../cluster/identity.ts';
import { namespaces, namespacesPath } from '../cluster/namespaces.ts';
import { networkPolicies, networkPoliciesPath } from '../cluster/network-policies.ts';
import { reflect } from '../cluster/reflector.ts';
import { webhookConfigurations } from '../cluster/webhook-configurations.ts';
import type { Config } from '../config/config.ts';
import { followConfig } from '../config/follow.ts';
import { endpointOf, reachableUrl } from '../installation/address.ts';
import { announceAuthorities } from '../installation/announcement.ts';
import { createKeeper, systemClock } from '../installation/keeper.ts';
import { waitUntilReachable } from '../installation/reachability.ts';
import { buildAdmin } from '../server/admin.ts';
import { buildApp } from '../server/app.ts';
import { writeAudit } from '../telemetry/audit.ts';
import { createLog, type LogLevel } from '../telemetry/log.ts';
import { openOutput } from '../telemetry/output.ts';
import { tellSometimes } from '../telemetry/sometimes.ts';
import { openClientAuthority } from '../tls/client-authority.ts';
import { type CertificateOptions, lifetimesOf, openCertificates } from './certificates.ts';
import { clusterConfig, configMapName, fileConfig, openFile } from './configuration.ts';
import { openEventRecorder } from './event-recorder.ts';
import { countReviews, openObservation } from './observation.ts';
import { waitForAnswers } from './patience.ts';
import { reviewPorts } from './review-ports.ts';

/** The arguments of `ringfence serve`. */
export interface ServeOptions extends CertificateOptions {
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  /** Seconds between two looks at the configuration. */
  readonly configSeconds: number;
  /** Seconds between two full lists of what the caches hold. */
  readonly relistSeconds: number;
  /** Seconds that an informer may hear nothing of the API server before this replica is not ready. */
  readonly silenceSeconds: number;
  /** Seconds to go on answering after SIGTERM, while the API server learns of it. */
  readonly drainSeconds: number;
  readonly logLevel: LogLevel;
  /** File of the authority whose clients may post reviews; anyone who reaches the port may where it is undefined. */
  readonly clientCa?: string;
}

/**
 * The webhook process: every part made, connected and started, in the order in which they need each other.
 * Resolves when it has drained after `signal`; rejects where the configuration is wrong.
 */
export async function serve(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const lifetimes = lifetimesOf(options);
  const output = openOutput();
  const log = createLog({ level: options.logLevel, destination: output });
  const untilAnswered = waitForAnswers(log, signal);
  const stopped = new AbortController();

  const intervalMs = options.configSeconds * 1000;
  const clientAuthority = openClientAuthority(options.clientCa, { log, intervalMs });

  // Probes answer from the start: not ready, and why.
  const observation = openObservation(options.silenceSeconds);
  const { metrics, waiting } = observation;
  const admin = buildAdmin(observation.admin);
  await admin.listen({ host: options.host, port: options.adminPort });

  // The configuration, and who we are to the API server.
  const cluster = countCalls(connect({ kubeconfig: options.kubeconfig }), metrics.called);
  const file = options.config === undefined ? undefined : openFile(options.config, options.namespace);
  const readConfig = () => file?.read() ?? clusterConfig(configMaps(cluster), options.namespace);
  let current = file?.initial ?? (await untilAnswered(readConfig)) ?? fileConfig(undefined, options.namespace);
  const config = () => current;
  const { username } = await untilAnswered(() => identity(cluster).whoAmI());
  waiting.delete('cluster');
  tellConfiguration(config());

  // What the cluster holds, as far as the baseline asks.
  const informer = { cluster, log, relistMs: options.relistSeconds * 1000 };
  const namespaceStore = reflect({ ...informer, path: namespacesPath, project: readNamespace });
  const policyStore = reflect({ ...informer, path: networkPoliciesPath, project: readNetworkPolicy });
  const namespaceCalls = namespaces(cluster);
  const policyCalls = networkPolicies(cluster);

  // The baseline: the reconciler makes it true, the gate lets no Pod in before it.
  const calls = { namespaces: namespaceCalls, policies: policyCalls };
  const controller = createController(
    {
      namespaces: namespaceStore,
      policies: policyStore,
      reconcile: createReconciler(calls, config),
      log,
      metrics,
    },
    config,
  );
  const gate = createGate(
    {
      ...calls,
      cachedNamespace: (name) => namespaceStore.get(name),
      onDrift: (name) => controller.enqueue(name),
      metrics,
    },
    config,
  );
  const caches = { namespaces: namespaceStore, policies: policyStore };
  const ports = reviewPorts({ ...caches, cluster, gate, metrics });

  // Certificates, and the webhook configurations that make the API server trust them.
  const source = openCertificates(options, {
    lifetimes,
    cluster,
    log,
    isPublished: (bundle) => keeper.isPublished(bundle),
  });
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
  observation.follow({ ...caches, controller, source, keeper, config });

  // Refusals and uses of permissions, told where people look.
  const recorder = openEventRecorder(cluster, { log, metrics });

  await source.start(stopped.signal);
  const { name } = desired().validating.metadata;
  await announceAuthorities({ configurations, name, source, log, clock: systemClock }, stopped.signal);
  waiting.delete('certificate');
  await Promise.all([namespaceStore.start(stopped.signal), policyStore.start(stopped.signal)]);
  waiting.delete('informers');
  await controller.start(stopped.signal);

  // The protocol, then the server around it.
  const handle = createHandler(
    {
      ...ports,
      audit(record) {
        writeAudit(output, record);
        metrics.decided(record);
      },
      malformed(reason) {
        log.warn({ reason }, 'malformed review');
        metrics.malformed('envelope');
      },
      defect(error, uid) {
        metrics.defect();
        log.error({ err: error, uid }, 'review failed');
      },
      tell: recorder.tell,
    },
    config,
  );
  const tellRefused = tellSometimes(log, 'requests refused');
  const serving = () => ({ ...source.current(), clientAuthority: clientAuthority.current() });
  const app = buildApp(serving(), {
    handle: countReviews(handle, metrics),
    written: output.written,
    isDraining: () => waiting.has('draining'),
    refused(reason, sentence) {
      metrics.malformed(reason);
      tellRefused(sentence);
    },
  });
  const renew = () => app.renew(serving());
  source.onChange(renew);
  void clientAuthority.follow(stopped.signal, renew);
  await app.listen({ host: options.host, port: options.port });
  waiting.delete('listener');
  log.info({ port: options.port, adminPort: options.adminPort }, 'serving');

  void followConfig(
    {
      read: readConfig,
      initial: current,
      onChange: adopt,
      onState: observation.configured,
      log,
      intervalMs,
    },
    stopped.signal,
  );

  // Only what can be reached is announced: a fresh install must never stop a cluster.
  const installed = install();
  if (!signal.aborted) await once(signal, 'abort');

  // Not ready, but answering, until the API server has turned away; then the connections that are left end by themselves.
  waiting.add('draining');
  log.info({ drainSeconds: options.drainSeconds }, 'draining');
  await delay(options.drainSeconds * 1000);
  stopped.abort();
  await Promise.allSettled([installed, app.close(), controller.idle()]);
  await recorder.end();
  await admin.close();
  await cluster.close();
  log.info({}, 'stopped');

  function adopt(next: Config): void {
    current = next;
    tellConfiguration(next);
    controller.sweep();
  }

  function tellConfiguration({ mode, version, exemptNamespaces }: Config): void {
    log.info({ mode, version, exempt: exemptNamespaces, username }, 'configured');
  }

  async function install(): Promise<void> {
    await waitUntilReachable(reachableUrl(options), () => source.current().caBundle, {
      signal: stopped.signal,
      onFailure: (reason) => log.info({ reason }, 'webhook address not reachable yet'),
    });
    await keeper.start(stopped.signal);
    log.info({}, 'webhook configurations in place');
  }

  async function ownNamespace() {
    const raw = await untilAnswered(() => namespaceCalls.get(options.namespace));
    const uid = raw?.metadata.uid;
    if (uid === undefined) throw new Error(`namespace ${options.namespace} does not exist; apply the manifests first`);
    return { apiVersion: 'v1', kind: 'Namespace', name: options.namespace, uid };
  }
}
