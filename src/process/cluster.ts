import type { Cluster } from '../cluster/connection.ts';
import { dnsObjects } from '../cluster/dns.ts';
import type { ClusterVariables } from '../cluster/kubeconfig.ts';
import { configMaps, webhookConfigurations } from '../cluster/resources.ts';
import { identity } from '../cluster/reviews.ts';
import type { Config } from '../config/config.ts';
import { listExemptions } from '../config/exemption.ts';
import { type FollowState, followConfig } from '../config/follow.ts';
import { systemClock } from '../retry/clock.ts';
import { repeat, retry } from '../retry/retry.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { ConfigMapGone, clusterConfig, configMapName, firstConfig, openFile } from './configuration.ts';
import { type Connections, openConnections } from './connections.ts';
import { liveDnsVersion, openDnsResolver, searchDns } from './dns.ts';
import { openDnsWatch } from './dns-watch.ts';
import { type Exceptions, openExceptions } from './exceptions.ts';
import type { Patience } from './patience.ts';

/** The arguments of `ringfence serve` that choose the cluster and the configuration. */
export interface ClusterOptions {
  /** A configuration file. If undefined, the ConfigMap in the cluster is read. */
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly variables: ClusterVariables;
  /** The namespace of the process itself. */
  readonly namespace: string;
  /** Seconds between two checks of the configuration. */
  readonly configSeconds: number;
}

/** The connected cluster, the username of the process in it, and the configuration in force. */
export interface OpenCluster {
  /** The connection for everything that no review waits for. */
  readonly cluster: Cluster;
  readonly connections: Connections;
  readonly username: string;
  /** The configuration in force, without the exceptions that have ended. */
  readonly config: () => Config;
  readonly exceptions: Exceptions['census'];
  /**
   * Reads the version of the ConfigMap live, or of the Service of DNS if that is newer and the
   * configuration depends on it. Resolves to "0" if there is no ConfigMap, or if a file contains
   * the configuration. With it, a newer replica's work can be told from a forged version.
   */
  readonly liveVersion: () => Promise<string>;
  /** Why fenced Pods may reach no DNS, as a sentence. */
  readonly dnsProblem: () => string | undefined;
  /** Whether they may; undefined before it is known. */
  readonly isDnsFound: () => boolean | undefined;
  /** Follows the configuration until aborted. Calls `onChange` when another one is in force. */
  follow(
    heard: { readonly onChange: () => void; readonly onState: (state: FollowState) => void },
    signal: AbortSignal,
  ): Promise<void>;
}

/**
 * The pause between two looks at the Pods of DNS, each a list of one. DNS that is away for less is
 * not Ringfence's to report.
 */
const dnsWatchMs = 30_000;
/** About once a minute. */
const complaintEvery = 12;

/**
 * Connects. Calls `onAnswer` when the API server has answered, and resolves when there is a
 * configuration too. Until then, it waits for a ConfigMap that others still judge by.
 */
export async function openCluster(
  options: ClusterOptions,
  {
    log,
    metrics,
    untilAnswered,
    onAnswer,
  }: {
    readonly log: Log;
    readonly metrics: Pick<Metrics, 'called'>;
    readonly untilAnswered: Patience;
    readonly onAnswer: () => void;
  },
  signal: AbortSignal,
): Promise<OpenCluster> {
  const { kubeconfig, context, variables } = options;
  const connections = openConnections({ kubeconfig, context, variables }, metrics);
  const { cluster } = connections;
  const file = options.config === undefined ? undefined : openFile(options.config, options.namespace);
  const search = () => searchDns(cluster);
  const resolver = openDnsResolver(
    async () => file?.read() ?? clusterConfig(configMaps(cluster), options.namespace),
    search,
    systemClock,
  );
  const { read } = resolver;
  const { username } = await untilAnswered(() => identity(cluster).whoAmI());
  onAnswer();
  const first = () => firstConfig(read, webhookConfigurations(cluster), options.namespace);
  const initial = await retry(() => untilAnswered(first), {
    firstMs: 500,
    longestMs: 5_000,
    signal,
    isPassing: (error) => error instanceof ConfigMapGone,
    onFailure: (error, { failures }) => {
      if (failures % complaintEvery === 1)
        log.error({ reason: error instanceof Error ? error.message : String(error) }, 'waiting for the configuration');
    },
  });
  tell(initial);
  const exceptions = openExceptions(initial, log, Date.now);
  const { anyPod } = dnsObjects(cluster);
  const watch = openDnsWatch({ anyPod, searchProblem: resolver.problem, log }, exceptions.current);

  function tell(config: Config): void {
    const { mode, version } = config;
    const named = config.exceptions.map(({ name }) => name);
    log.info({ mode, version, exempt: listExemptions(config), exceptions: named, username }, 'configured');
  }

  return {
    cluster,
    connections,
    username,
    config: exceptions.current,
    exceptions: exceptions.census,
    dnsProblem: watch.problem,
    isDnsFound: watch.isFound,
    liveVersion: async () => {
      if (file !== undefined) return '0';
      const own = (await configMaps(cluster).version(options.namespace, configMapName)) ?? '0';
      const { isDnsFound } = exceptions.current().baseline;
      return isDnsFound === undefined ? own : liveDnsVersion(own, search);
    },
    async follow({ onChange, onState }, signal) {
      const take = (config: Config) => {
        tell(config);
        exceptions.adopt(config);
        onChange();
      };
      const intervalMs = options.configSeconds * 1000;
      const following = followConfig({ read, initial, onChange: take, onState, log, intervalMs }, signal);
      const watching = repeat(watch.look, { everyMs: dnsWatchMs, signal });
      await Promise.all([following, watching, exceptions.follow(signal)]);
    },
  };
}
