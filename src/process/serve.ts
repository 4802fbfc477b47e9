import { once } from 'node:events';
import { createSweep } from '../judgement/sweep.ts';
import { buildAdmin } from '../server/admin.ts';
import { createLog, type Log, type LogLevel } from '../telemetry/log.ts';
import { openOutput } from '../telemetry/output.ts';
import { openClientAuthority } from '../tls/client-authority.ts';
import type { Lifetimes } from '../tls/rotation.ts';
import { openBaseline } from './baseline.ts';
import { type CertificateOptions, lifetimesOf } from './certificates.ts';
import { type ClusterOptions, openCluster } from './cluster.ts';
import { drain } from './drain.ts';
import { openEventRecorder } from './event-recorder.ts';
import { type Observation, openObservation } from './observation.ts';
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
 * need each other. Resolves when it has drained after `signal`, or at once if it does not serve
 * yet. Rejects if the configuration is wrong.
 */
export async function serve(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const { host, port, adminPort } = options;
  const lifetimes = lifetimesOf(options);
  const output = openOutput();
  const log = createLog({ level: options.logLevel, destination: output });
  const stopped = new AbortController();
  const clientAuthority = openClientAuthority(options.clientCa, { log, intervalMs: options.configSeconds * 1000 });

  // Probes answer from the start, with the reason why the process is not ready.
  const observation = openObservation(options.silenceSeconds);
  const admin = buildAdmin(observation.admin);
  await admin.listen({ host, port: adminPort });

  const started = new AsyncDisposableStack();
  started.defer(() => admin.close());
  // Nobody depends on a process that does not serve yet, so its end waits for nothing.
  const endStart = (): void => stopped.abort(signal.reason);
  signal.addEventListener('abort', endStart);
  // An event that is past is not told again.
  if (signal.aborted) endStart();
  const parts = await start({ ...options, lifetimes }, { log, observation, started }, stopped.signal)
    .catch(async (error: unknown) => {
      if (!signal.aborted) throw error;
      await started.disposeAsync();
      log.info({}, 'stopped before it served');
      return undefined;
    })
    .finally(() => signal.removeEventListener('abort', endStart));
  if (parts === undefined) return;

  const { open, trust, ports, controller, recorder, standing } = parts;
  const { config, connections } = open;
  const { waiting } = observation;
  const { source } = trust;
  const server = { ports, config, source, clientAuthority, recorder, observation, output, log };
  const app = await openServer(options, server, stopped.signal);
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

/** What is there before the server, and what it opens. */
interface Ground {
  readonly log: Log;
  readonly observation: Observation;
  /** Closes what was opened if the start ends before its time. */
  readonly started: AsyncDisposableStack;
}

/**
 * Starts everything that the server needs. Rejects if the configuration is wrong, or the signal
 * ends the start.
 */
async function start(
  options: ServeOptions & { readonly lifetimes: Lifetimes },
  { log, observation, started }: Ground,
  signal: AbortSignal,
) {
  const { lifetimes } = options;
  const { metrics, waiting } = observation;
  const untilAnswered = waitForAnswers(log, signal);
  const onAnswer = () => void waiting.delete('cluster');
  const open = await openCluster(options, { log, metrics, untilAnswered, onAnswer }, signal);
  const { cluster, connections, config, exceptions, dnsProblem, isDnsFound } = open;
  started.defer(() => connections.close());
  const { now } = connections;
  waiting.delete('configuration');

  const baseline = openBaseline(options, open, { log, metrics });
  const { namespaces, policies, controller, ports } = baseline;
  const trust = await openTrust(options, open, { lifetimes, log, untilAnswered });
  const { source, keeper, reach } = trust;
  const recorder = openEventRecorder(cluster, { log, metrics });
  const sweepPorts = { policies, caches: ports.caches, turns: ports.turns, tell: recorder.tellStanding };
  const standing = createSweep(sweepPorts, config, options.rejudgeSeconds * 1000);
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

  await trust.start(signal);
  waiting.delete('certificate');
  await baseline.listen(signal);
  waiting.delete('informers');
  await controller.start(signal);
  signal.throwIfAborted();
  return { open, trust, ports, controller, recorder, standing };
}
