import { once } from 'node:events';
import { createSweep } from '../judgement/sweep.ts';
import { buildAdmin } from '../server/admin.ts';
import { createLog, type LogLevel } from '../telemetry/log.ts';
import { openOutput } from '../telemetry/output.ts';
import { openClientAuthority } from '../tls/client-authority.ts';
import { openBaseline } from './baseline.ts';
import { type CertificateOptions, lifetimesOf } from './certificates.ts';
import { type ClusterOptions, openCluster } from './cluster.ts';
import { drain } from './drain.ts';
import { openEventRecorder } from './event-recorder.ts';
import { openObservation } from './observation.ts';
import { waitForAnswers } from './patience.ts';
import { openServer } from './server.ts';
import { openTrust } from './trust.ts';

/** The arguments of `ringfence serve`. */
export interface ServeOptions extends ClusterOptions, CertificateOptions {
  /** The version of Ringfence, which orders replicas of different releases. */
  readonly release: string;
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  /** Seconds between two full lists of the cached objects. */
  readonly relistSeconds: number;
  /** Seconds between two judgements of the NetworkPolicies that exist. */
  readonly rejudgeSeconds: number;
  /**
   * Seconds for which an informer may receive nothing before this replica is not ready.
   */
  readonly silenceSeconds: number;
  /** Seconds to keep answering after SIGTERM, until the API server uses other endpoints. */
  readonly drainSeconds: number;
  readonly logLevel: LogLevel;
  /**
   * File of the authority whose clients may post reviews. If undefined, every client that reaches
   * the port may.
   */
  readonly clientCa?: string;
}

/**
 * Runs the webhook process. It opens, connects and starts every part, in the order in which they
 * need each other. Resolves when it has drained after `signal`. Rejects if the configuration is
 * wrong.
 */
export async function serve(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const { host, port, adminPort } = options;
  const lifetimes = lifetimesOf(options);
  const output = openOutput();
  const log = createLog({ level: options.logLevel, destination: output });
  const untilAnswered = waitForAnswers(log, signal);
  const stopped = new AbortController();
  const clientAuthority = openClientAuthority(options.clientCa, { log, intervalMs: options.configSeconds * 1000 });

  // Probes answer from the start, with the reason why the process is not ready.
  const observation = openObservation(options.silenceSeconds);
  const { metrics, waiting } = observation;
  const admin = buildAdmin(observation.admin);
  await admin.listen({ host, port: adminPort });

  const open = await openCluster(options, { log, metrics, untilAnswered });
  const { cluster, connections, config, exceptions } = open;
  const { now } = connections;
  waiting.delete('cluster');

  const baseline = openBaseline(options, open, { log, metrics });
  const { namespaces, policies, controller, ports } = baseline;
  const trust = await openTrust(options, open, { lifetimes, log, untilAnswered });
  const { source, keeper, reach } = trust;
  const recorder = openEventRecorder(cluster, { log, metrics });
  const sweepPorts = { policies, caches: ports.caches, turns: ports.turns, tell: recorder.tellStanding };
  const standing = createSweep(sweepPorts, config, options.rejudgeSeconds * 1000);
  const { dnsProblem, isDnsFound } = open;
  observation.follow({
    namespaces,
    policies,
    now,
    controller,
    source,
    keeper,
    reach,
    config,
    exceptions,
    standing,
    dnsProblem,
    isDnsFound,
  });

  await trust.start(stopped.signal);
  waiting.delete('certificate');
  await baseline.listen(stopped.signal);
  waiting.delete('informers');
  await controller.start(stopped.signal);

  const parts = { ports, config, source, clientAuthority, recorder, observation, output, log };
  const app = await openServer(options, parts, stopped.signal);
  waiting.delete('listener');
  log.info({ port, adminPort }, 'serving');
  const onChange = () => {
    controller.sweep();
    standing.wake();
  };
  void open.follow({ onChange, onState: observation.configured }, stopped.signal);
  void standing.run(stopped.signal);

  const installed = trust.install(stopped.signal);
  if (!signal.aborted) await once(signal, 'abort');
  await drain(options, { waiting, stopped, installed, app, controller, recorder, admin, connections, log });
}
