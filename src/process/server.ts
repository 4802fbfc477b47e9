import { createHandler } from '../admission/handler.ts';
import type { ValidatePorts } from '../admission/ports.ts';
import type { Config } from '../config/config.ts';
import { buildApp, type WebhookApp } from '../server/app.ts';
import { writeAudit } from '../telemetry/audit.ts';
import type { Log } from '../telemetry/log.ts';
import type { Output } from '../telemetry/output.ts';
import { tellSometimes } from '../telemetry/sometimes.ts';
import type { ClientAuthority } from '../tls/client-authority.ts';
import type { Source } from '../tls/material.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Observation } from './observation.ts';

/** The parts of which the server is built. */
export interface ServerParts {
  readonly ports: ValidatePorts;
  readonly config: () => Config;
  readonly source: Pick<Source, 'current' | 'onChange'>;
  readonly clientAuthority: ClientAuthority;
  readonly recorder: EventRecorder;
  readonly observation: Pick<Observation, 'metrics' | 'waiting'>;
  readonly output: Output;
  readonly log: Log;
}

/**
 * Builds the admission handler and its server. Resolves when the server listens. Until aborted, the
 * server follows changes of the certificates.
 */
export async function openServer(
  { host, port, release }: { readonly host: string; readonly port: number; readonly release: string },
  { ports, config, source, clientAuthority, recorder, observation, output, log }: ServerParts,
  signal: AbortSignal,
): Promise<WebhookApp> {
  const { metrics, waiting } = observation;
  const handle = createHandler(
    {
      ...ports,
      reviewed: metrics.reviewed,
      audit(record, isWritten) {
        if (isWritten) writeAudit(output, record);
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
    handle,
    release,
    written: output.written,
    isDraining: () => waiting.has('draining'),
    refused(reason, sentence) {
      metrics.malformed(reason);
      tellRefused(sentence);
    },
  });
  const renew = () => app.renew(serving());
  source.onChange(renew);
  void clientAuthority.follow(signal, renew);
  await app.listen({ host, port });
  return app;
}
