import { Command, Option } from 'commander';
import type { Environment } from '../config/environment.ts';
import type { ServeOptions } from '../process/serve.ts';
import { logLevels } from '../telemetry/log.ts';
import {
  ownNamespaceOption,
  readHours,
  readHttpsUrl,
  readInterval,
  readPort,
  readRelist,
  readSeconds,
  readSilence,
  withClusterOptions,
} from './options.ts';

/** `ringfence serve`: runs the webhook process. `release` is the version of Ringfence. */
export function serveCommand(environment: Environment, release: string): Command {
  return (
    withClusterOptions(new Command('serve'), 'of the cluster')
      .description('run the webhook and maintain the baselines and the webhook configurations')
      .option(
        '--config <file>',
        'configuration file (YAML); the default is the ConfigMap ringfence, or else the built-in defaults',
      )
      .option(
        '--webhook-url <url>',
        'base URL at which the API server reaches this process, instead of the Service (docs/security.md: it needs a permission)',
        readHttpsUrl,
      )
      .addOption(ownNamespaceOption(environment))
      .option('--host <address>', 'address to listen on', '::')
      .option('--port <port>', 'port of the webhook server', readPort, 8443)
      .option('--admin-port <port>', 'port of probes and metrics', readPort, 8081)
      .option(
        '--client-ca <file>',
        'accept reviews only from clients with a certificate of this authority (PEM; changes are followed)',
      )
      .addOption(
        new Option(
          '--tls-dir <folder>',
          'use tls.crt, tls.key and ca.crt in this folder (changes are followed) instead of a Secret of its own',
        ).conflicts(['certificateHours', 'authorityHours']),
      )
      // 90 days is the default of cert-manager. Both are renewed when a third of their life is
      // left.
      .option('--certificate-hours <hours>', 'validity of certificates that Ringfence makes', readHours, 90 * 24)
      .option('--authority-hours <hours>', 'validity of authorities that Ringfence makes', readHours, 365 * 24)
      // Every replica checks the certificates many times within this time, and a replica that hangs
      // notices it sooner.
      .option(
        '--overlap-seconds <seconds>',
        'wait after each step of a change of authority; authorities of other replicas stay five times as long',
        readSeconds,
        120,
      )
      .option('--certificate-seconds <seconds>', 'interval between checks of the certificates', readInterval, 5)
      // A GET by name costs the API server almost nothing. A watch would need the right to list.
      .option('--config-seconds <seconds>', 'interval between checks of the configuration', readInterval, 5)
      // A list costs the API server more than all the watches, and it finds something only if a
      // watch missed a change.
      .option(
        '--relist-seconds <seconds>',
        'interval between full lists of namespaces and NetworkPolicies, independent of their watches',
        readRelist,
        300,
      )
      // It costs the API server nothing, and a processor little: see src/judgement/sweep.ts.
      .option(
        '--rejudge-seconds <seconds>',
        'interval between judgements of the NetworkPolicies that exist',
        readInterval,
        600,
      )
      // A watch that receives nothing for 30 seconds is opened again. Four such watches in a row
      // are not a coincidence.
      .option(
        '--silence-seconds <seconds>',
        'how long an informer may receive nothing from the API server before this replica is not ready',
        readSilence,
        120,
      )
      // The API server learns of a removed endpoint within a few seconds. The grace period of the
      // Deployment is longer than this default.
      .option('--drain-seconds <seconds>', 'how long to keep answering after SIGTERM', readSeconds, 8)
      .addOption(
        new Option('--log-level <level>', 'lowest level to log; decisions are always logged')
          .choices(logLevels)
          .default('info'),
      )
      .action(async (options: Omit<ServeOptions, 'release' | 'variables'>) => {
        const stop = new AbortController();
        // As process 1 of a container, Node ignores these unless they are handled.
        for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
        // Only this command needs the servers, so only this command loads them.
        const { serve } = await import('../process/serve.ts');
        await serve({ ...options, release, variables: environment.cluster }, stop.signal);
      })
  );
}
