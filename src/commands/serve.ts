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

/** `ringfence serve`: what runs in production. */
export function serveCommand(environment: Environment): Command {
  return (
    new Command('serve')
      .description('serve the webhook, keep the baselines, keep the webhook configurations')
      .option(
        '--config <file>',
        'configuration file (YAML); without it the ConfigMap ringfence, without that the defaults',
      )
      .option(
        '--kubeconfig <file>',
        'kubeconfig of the cluster; without it the surroundings (a Pod, KUBECONFIG, ~/.kube/config)',
      )
      .option(
        '--webhook-url <url>',
        'base URL under which the API server finds this process, instead of the Service',
        readHttpsUrl,
      )
      .addOption(ownNamespaceOption(environment))
      .option('--host <address>', 'address to listen on', '::')
      .option('--port <port>', 'port of the webhook server', readPort, 8443)
      .option('--admin-port <port>', 'port of probes and metrics', readPort, 8081)
      .option(
        '--client-ca <file>',
        'take reviews only from clients with a certificate of this authority (PEM; followed as it changes)',
      )
      .addOption(
        new Option(
          '--tls-dir <folder>',
          'serve with tls.crt, tls.key and ca.crt of this folder (followed as they change), not with a Secret of its own',
        ).conflicts(['certificateHours', 'authorityHours']),
      )
      // 90 days, cert-manager's default, and a year; renewed when a third of it is left.
      .option('--certificate-hours <hours>', 'how long a certificate of its own lives', readHours, 90 * 24)
      .option('--authority-hours <hours>', 'how long an authority of its own lives', readHours, 365 * 24)
      // Many looks of every replica, and longer than a replica needs to notice that it hangs.
      .option(
        '--overlap-seconds <seconds>',
        'how long each step of a change of authority is left standing; authorities of others stay five times as long',
        readSeconds,
        120,
      )
      .option('--certificate-seconds <seconds>', 'how often certificates are looked at', readInterval, 5)
      // One GET by name costs the API server nothing, and a watch would need a right to list.
      .option('--config-seconds <seconds>', 'how often the configuration is looked at', readInterval, 5)
      // A list costs the API server more than all the watches: each finds only what no watch has told, against the API's promise.
      .option(
        '--relist-seconds <seconds>',
        'how often namespaces and NetworkPolicies are listed in full, whatever their watches tell',
        readRelist,
        300,
      )
      // A watch without a byte for 30 seconds is opened anew: four of these in a row are no accident.
      .option(
        '--silence-seconds <seconds>',
        'how long an informer may hear nothing of the API server before this replica is not ready',
        readSilence,
        120,
      )
      // The API server learns of an endpoint that goes within a few seconds; the Deployment's grace period is longer.
      .option('--drain-seconds <seconds>', 'how long to go on answering after SIGTERM', readSeconds, 8)
      .addOption(
        new Option('--log-level <level>', 'least level to log; decisions are always logged')
          .choices(logLevels)
          .default('info'),
      )
      .action(async (options: ServeOptions) => {
        const stop = new AbortController();
        // As process 1 of a container, Node ignores these unless they are handled.
        for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
        // Only this command needs the Kubernetes client and the servers: the others start without them.
        const { serve } = await import('../process/serve.ts');
        await serve(options, stop.signal);
      })
  );
}
