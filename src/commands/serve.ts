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
} from './options.ts';

/** `ringfence serve`: what runs in production. `release` is the version of Ringfence. */
export function serveCommand(environment: Environment, release: string): Command {
  return (
    new Command('serve')
      .description('run the webhook and maintain the baselines and the webhook configurations')
      .option(
        '--config <file>',
        'configuration file (YAML); the default is the ConfigMap ringfence, or else the built-in defaults',
      )
      .option(
        '--kubeconfig <file>',
        'kubeconfig of the cluster; the default is KUBECONFIG, ~/.kube/config, or the ServiceAccount of a Pod',
      )
      .option(
        '--webhook-url <url>',
        'base URL at which the API server reaches this process, instead of the Service',
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
      // 90 days, cert-manager's default, and a year; renewed when a third of it is left.
      .option('--certificate-hours <hours>', 'validity of certificates that Ringfence makes', readHours, 90 * 24)
      .option('--authority-hours <hours>', 'validity of authorities that Ringfence makes', readHours, 365 * 24)
      // Many looks of every replica, and longer than a replica needs to notice that it hangs.
      .option(
        '--overlap-seconds <seconds>',
        'wait after each step of a change of authority; authorities of other replicas stay five times as long',
        readSeconds,
        120,
      )
      .option('--certificate-seconds <seconds>', 'interval between checks of the certificates', readInterval, 5)
      // One GET by name costs the API server nothing, and a watch would need a right to list.
      .option('--config-seconds <seconds>', 'interval between checks of the configuration', readInterval, 5)
      // A list costs the API server more than all the watches: each finds only what no watch has
      // told, against the API's promise.
      .option(
        '--relist-seconds <seconds>',
        'interval between full lists of namespaces and NetworkPolicies, independent of their watches',
        readRelist,
        300,
      )
      // A watch without a byte for 30 seconds is opened anew: four of these in a row are no
      // accident.
      .option(
        '--silence-seconds <seconds>',
        'how long an informer may receive nothing from the API server before this replica is not ready',
        readSilence,
        120,
      )
      // The API server learns of an endpoint that goes within a few seconds; the Deployment's grace
      // period is longer.
      .option('--drain-seconds <seconds>', 'how long to keep answering after SIGTERM', readSeconds, 8)
      .addOption(
        new Option('--log-level <level>', 'lowest level to log; decisions are always logged')
          .choices(logLevels)
          .default('info'),
      )
      .action(async (options: Omit<ServeOptions, 'release'>) => {
        const stop = new AbortController();
        // As process 1 of a container, Node ignores these unless they are handled.
        for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
        // Only this command needs the Kubernetes client and the servers: the others start without
        // them.
        const { serve } = await import('../process/serve.ts');
        await serve({ ...options, release }, stop.signal);
      })
  );
}
