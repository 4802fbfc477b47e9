import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { printManifests } from './commands/manifests.ts';
import { type ServeOptions, serve } from './commands/serve.ts';
import { readEnvironment } from './config/environment.ts';
import { ConfigError } from './config/problem.ts';
import { logLevels } from './telemetry/log.ts';

const environment = readEnvironment();
const ownNamespace = new Option('--namespace <name>', "Ringfence's own namespace").default(
  environment.podNamespace ?? 'ringfence-system',
);

const program = new Command('ringfence')
  .description('Label-governed network isolation for Kubernetes: an admission webhook and its tools.')
  .version(version());

program
  .command('serve')
  .description('serve the webhook, keep the baselines, keep the webhook configurations')
  .option('--config <file>', 'configuration file (YAML); without it the ConfigMap ringfence, without that the defaults')
  .option(
    '--kubeconfig <file>',
    'kubeconfig of the cluster; without it the surroundings (a Pod, KUBECONFIG, ~/.kube/config)',
  )
  .option('--webhook-url <url>', 'base URL under which the API server finds this process, instead of the Service', url)
  .addOption(ownNamespace)
  .option('--host <address>', 'address to listen on', '::')
  .option('--port <port>', 'port of the webhook server', port, 8443)
  .option('--admin-port <port>', 'port of probes and metrics', port, 8081)
  .option('--drain-seconds <seconds>', 'how long to go on answering after SIGTERM', seconds, 8)
  .addOption(
    new Option('--log-level <level>', 'least level to log; decisions are always logged')
      .choices(logLevels)
      .default('info'),
  )
  .action(async (options: ServeOptions) => {
    const stop = new AbortController();
    // As process 1 of a container, Node ignores these unless they are handled.
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
    await serve(options, stop.signal);
  });

program
  .command('manifests')
  .description('print what to apply')
  .option('--webhooks', 'the webhook configurations, as the process itself makes them')
  .option('--config <file>', 'configuration file (YAML)')
  .option('--webhook-url <url>', 'base URL of the webhook, instead of the Service', url)
  .addOption(ownNamespace)
  .action(printManifests);

/** Exit codes: 0 clean, 1 findings, 2 could not run. */
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof ConfigError) for (const problem of error.problems) console.error(problem.toString());
  else console.error(`ringfence: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535.');
  return number;
}

function seconds(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number < 0) throw new InvalidArgumentError('seconds are a number from 0 up.');
  return number;
}

function url(text: string): string {
  if (!URL.canParse(text) || new URL(text).protocol !== 'https:')
    throw new InvalidArgumentError('an https:// URL is needed.');
  return text;
}
